"""OF, the surrogate with its acquisition for large discrete spaces; ours (see `surrogate`)."""
