"""Seeded problems for the benchmarks: the same seed gives the same instance."""
