"""A program as a drawing: Mermaid for pages that draw it themselves, SVG for all others."""
