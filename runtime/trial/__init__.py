"""One trial: what it is given, how it is run, and what it says of itself."""
