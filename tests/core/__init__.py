"""The verbs, on a real store."""
