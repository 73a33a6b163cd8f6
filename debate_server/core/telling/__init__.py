"""A debate told in text: typed out live, and as files to keep."""
