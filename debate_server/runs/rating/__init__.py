"""Ratings of models by who won against whom."""
