"""The `api` function: what people and `ofc --api` ask of the studies in one store."""
