"""The rules of `ofc lint`, one a file; `compiler/lint/table.py` has their order and their codes."""
