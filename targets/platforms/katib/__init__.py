"""The target `katib`: a study's search as an Experiment of Kubeflow Katib."""
