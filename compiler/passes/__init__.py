"""The passes, one file each; `pipeline.py` says in which order they run, and why."""
