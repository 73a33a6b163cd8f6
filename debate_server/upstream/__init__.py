"""Where words come from: OpenAI-compatible endpoints, found or configured, and the embedded model among them."""
