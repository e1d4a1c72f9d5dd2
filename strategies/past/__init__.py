"""What studies that are over say of the one at hand (the knowledge base of the paper, 2.1.6)."""
