"""Bayesian optimisation, put together from BoTorch's parts."""
