"""Answers: what a speech gives as one, which number is in it, and when two are the same."""
