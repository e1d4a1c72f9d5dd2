"""A small image classifier: a perceptron or a convolutional network."""
