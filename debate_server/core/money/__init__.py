"""What words cost, what may be spent, and what is still to come would cost at most."""
