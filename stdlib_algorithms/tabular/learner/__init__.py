"""A learner for tables: boosted trees or a perceptron, for a regression or for classes."""
