"""Tests of ringfence.core.scrubbing."""
