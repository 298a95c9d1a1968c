"""What every HTTP door stands on: answers, bodies, threads, the request log, the server."""
