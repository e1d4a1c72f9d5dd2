"""The layout `argocd`: the manifests, an Application, and what Argo CD must learn of health."""
