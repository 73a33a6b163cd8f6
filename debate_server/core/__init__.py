"""The pure core: events, formats, transcript, prompts, errors. No I/O, no clock, no randomness."""
