"""The durable event log: append, commit, follow. The only floor that knows SQL."""
