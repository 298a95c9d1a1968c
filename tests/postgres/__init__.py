"""A real PostgreSQL for tests and for the benchmark, started where they run."""
