"""What a model becomes: a device runtime converts it, checks it and times it."""
