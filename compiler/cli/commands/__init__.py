"""The commands, one file each; `main.py` imports the one that is called."""
