"""The soak: what must hold, tried for much longer than the tests can. Each soak is a module; ``__main__`` runs them."""
