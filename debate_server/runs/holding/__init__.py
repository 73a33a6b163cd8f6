"""Holding a run: where, how many at a time, for how much, and where its results go."""
