"""Stand-ins for what is outside of the program, real enough to be talked to over real sockets."""
