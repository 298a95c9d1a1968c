"""Nouns: frozen dataclasses and the rules about their values. No I/O."""
