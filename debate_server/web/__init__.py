"""HTTP: the gate (who may ask), the routes, the stream (one viewer is one cursor), the page."""
