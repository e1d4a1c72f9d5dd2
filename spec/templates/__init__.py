"""Templates: parts of a spec that others wrote, with typed parameters and ports."""
