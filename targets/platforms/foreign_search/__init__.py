"""What Katib and Kubeflow Trainer have in common: they propose, and our trial only trains."""
