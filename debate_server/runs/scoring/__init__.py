"""Whether an answer is right: as a number, a choice, the same words, or by a model's mark."""
