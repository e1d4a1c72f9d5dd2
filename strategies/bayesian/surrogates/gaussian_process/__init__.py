"""A Gaussian process over mixed and conditional spaces, fitted by maximum a posteriori."""
