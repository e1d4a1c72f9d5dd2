"""The target `trainer`: a study's search as an OptimizationJob of Kubeflow Trainer."""
