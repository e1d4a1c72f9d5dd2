"""A live cluster: what `ofc plan`, `apply`, `status` and `destroy` do with it."""
