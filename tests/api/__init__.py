"""The door /v1, asked in this process."""
