"""The report of a run: one file to put before others."""
