"""What the commands about clusters share."""
