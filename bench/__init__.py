"""Benchmarks: ratios between two things measured in the same run, because machines are noisy.

`make bench` runs them all; what they show and how is told in docs/performance.md.
"""
