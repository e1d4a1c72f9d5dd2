"""The target `local`: a program as a plan for this machine."""
