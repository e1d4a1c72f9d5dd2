"""Kubeflow pipelines: what is done once before a search and once after it.

A task is said once, in `task.py`'s words; `ir.py` writes KFP's IR of it, `search.py` and
`release.py` say which tasks there are, `objects.py` wraps them for the API server.
"""
