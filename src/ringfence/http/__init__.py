"""What HTTP doors stand on: answers, bodies, hand-over, request log, operations, TLS, server."""
