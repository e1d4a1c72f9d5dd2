"""What the trials of a study say about its spec: the paper's advisor."""
