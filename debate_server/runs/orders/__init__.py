"""What is asked for of a run: topics by formats by models, or by pairs."""
