"""Diagnostics as people and machines read them: titles, pages, text and JSON."""
