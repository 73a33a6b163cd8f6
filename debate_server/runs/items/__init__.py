"""The topics of a run: read from files, or made."""
