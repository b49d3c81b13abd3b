"""Scores retrieval on question sets: the real pipeline, each of its stages apart, and whether it knows when it has nothing."""
