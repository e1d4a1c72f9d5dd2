"""What is said of an output: where it comes from, and what it consists of."""
