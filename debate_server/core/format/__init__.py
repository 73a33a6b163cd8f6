"""The language of formats: what one can say, how its file is read, whether it holds together."""
