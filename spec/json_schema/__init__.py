"""The JSON Schema of specs, overlays and templates, for editors."""
