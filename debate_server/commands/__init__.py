"""What the commands do, once ``cli`` has read their words and the settings."""
