"""What can be searched out of the box, and the estimator interface that all of it shares."""
