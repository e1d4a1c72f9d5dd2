"""What trials say of a metric: one file or room a surrogate."""
