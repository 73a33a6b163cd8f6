"""The load of the live cases: an upstream and viewers in C, so that what is measured is the server between them."""
