"""YAML 1.2 as nodes that know their place, and plain values as YAML."""
