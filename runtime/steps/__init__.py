"""The steps of the pipelines, one file each: `python -m omniforce.runtime.steps prepare --data D`.

Every step reads the compiled study from the mounted ConfigMap and its inputs from paths that the
pipeline hands in; it writes its outputs to paths too, and knows nothing of Kubeflow.
"""
