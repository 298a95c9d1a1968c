"""Tests of what stands in core/imports."""
