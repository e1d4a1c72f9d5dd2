"""Where templates come from: folders, what was vendored, and on demand git, registries, a hub."""
