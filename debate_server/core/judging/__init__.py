"""Judging: what a judge is shown and told, what its ballot says, and what ballots and answers come to."""
