"""How a folder of manifests is laid out: for kubectl, for kustomize, for Argo CD."""
