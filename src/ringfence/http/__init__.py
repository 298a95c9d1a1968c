"""What every HTTP door stands on: answers, bodies, the hand-over, the request log, the server."""
