"""The door /v1: JSON over HTTP, described by OpenAPI 3.1. `docs/api.md` is its guide."""
