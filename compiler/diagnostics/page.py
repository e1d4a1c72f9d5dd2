"""The page of a code: what it is, why it matters, an example, and what to use instead."""

from __future__ import annotations

from pathlib import Path

PAGES = Path(__file__).parent / "pages"

SECTIONS = ("What it is", "Why it matters", "Example", "Use instead")
"""The headings of every page, in this order."""


def page(code: str) -> str | None:
    """The Markdown of a code's page, or None where there is no such code."""
    if not (code.startswith("OFC") and code[3:].isdecimal() and code.isascii()):
        return None
    try:
        return (PAGES / f"{code}.md").read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
