"""A study on this machine: trials in worker processes, the store in one file, resumable."""
