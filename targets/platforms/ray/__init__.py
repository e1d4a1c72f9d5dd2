"""The target `ray`: a whole study as one RayJob of KubeRay, which searches and trains inside it."""
