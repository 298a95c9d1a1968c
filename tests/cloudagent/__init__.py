"""Tests of the compatibility door."""
