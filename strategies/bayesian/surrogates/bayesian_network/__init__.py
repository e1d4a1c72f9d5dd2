"""Bayesian neural network: many networks drawn from the posterior of one."""
