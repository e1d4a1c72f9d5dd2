"""The versions of the language: which there are, and how an older spec becomes one of the newest.

What changed from one to the next is a table (`changes.py`). It is read twice: `upgrade` brings the
tree of an older file into the newest form, its places kept, so that everything behind it knows
one form only; `migrate` does the same to the text, comments and layout kept.
"""

from .changes import LATEST, VERSIONS
from .migrate import Migration, migrate
from .upgrade import read_document, upgrade, upgrade_body

__all__ = [
    "LATEST",
    "VERSIONS",
    "Migration",
    "migrate",
    "read_document",
    "upgrade",
    "upgrade_body",
]
