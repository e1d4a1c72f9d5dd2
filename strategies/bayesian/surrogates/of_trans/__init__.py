"""Gaussian processes that know what past studies came to."""
