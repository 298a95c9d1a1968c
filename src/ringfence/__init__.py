"""Ringfence: may this call ring, and where."""

__version__ = "0.1.0"
