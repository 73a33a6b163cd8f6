"""The bench: what the numbers we promise are on this machine. Each case is a module; ``__main__`` runs them."""
