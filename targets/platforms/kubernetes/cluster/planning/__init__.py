"""What an apply would change, what causes it, and what it means for the study."""
