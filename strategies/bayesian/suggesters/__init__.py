"""What pending trials mean to the next suggestion: one file a suggester."""
