"""Many debates from a file: held, scored, compared, and told of in a report."""
