"""A finding of the checker, and how it is made."""

from __future__ import annotations

from dataclasses import dataclass

from .look import Document, kind_of, name_of


@dataclass(frozen=True, slots=True)
class Fault:
    """Something accepted that will not work.

    Attributes:
        where: kind and name of the document.
        path: of the field, with dots.
        message: what is.
        help: what to write instead.
    """

    where: str
    path: str
    message: str
    help: str


def fault(document: Document, path: str, message: str, way_out: str) -> Fault:
    """A finding in `document`."""
    return Fault(f"{kind_of(document)}/{name_of(document)}", path, message, way_out)
