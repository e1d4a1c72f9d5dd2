"""Completion: what may be written where the cursor is, also while the file is broken."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import cast

from omniforce.spec.readers import Block, ListOf

from .complete_keys import key_offers
from .complete_values import value_offers
from .document import Document
from .layout import Cursor, cursor_at
from .library import Library
from .offers import Offer, Offers
from .shape import Spot, is_mapping, spot_at

_WORD_BEHIND = re.compile(r"[\w./@-]*")


def complete(document: Document, line: int, column: int, library: Library) -> Offers:
    """What may be written at a place, 1-based."""
    cursor = cursor_at(document.source.text, line, column)
    if cursor.role == "none":
        return Offers(())
    cursor = replace(cursor, path=document.told(cursor.path))
    spot = spot_at(cursor.path, document.tree)
    behind = document.line(line)[column - 1 :]
    if _begins_key(cursor, spot):
        offers = key_offers(document, cursor, spot, library)
        key = re.match(r"[\w-]*\s*:(\s|$)", behind)
        if key is not None:
            # Another name for a key that has its value already.
            offers = tuple(replace(o, text=o.label) for o in offers)
        return _placed(offers, cursor.column, column, behind)
    if cursor.role == "key" and isinstance(spot.reader, ListOf):
        return _items(document, cursor, spot, library, column, behind)
    offers, start = value_offers(document, cursor, spot, library, behind)
    if cursor.after:
        offers = tuple(replace(o, text=f" {o.text}") for o in offers)
    return _placed(offers, start, column, behind)


def _begins_key(cursor: Cursor, spot: Spot) -> bool:
    """Whether a key comes here: in a mapping, or behind the dash of a list of mappings."""
    if not is_mapping(spot.reader):
        return False
    if cursor.role == "key":
        return True
    short = isinstance(spot.reader, Block) and cast("Block[object]", spot.reader).short is not None
    return bool(cursor.path) and isinstance(cursor.path[-1], int) and not short


def _items(
    document: Document, cursor: Cursor, spot: Spot, library: Library, column: int, behind: str
) -> Offers:
    """Items of a list, where not even their dash is written."""
    path = (*cursor.path, len(document.siblings(cursor.path)))
    item = replace(cursor, path=path, role="value", indent=cursor.column + 1)
    inner = Spot(cast("ListOf[object]", spot.reader).item)
    if is_mapping(inner.reader):
        offers = key_offers(document, item, inner, library)
        start = cursor.column
    else:
        offers, start = value_offers(document, item, inner, library, behind)
    dashed = tuple(replace(o, text=f"- {o.text}") for o in offers)
    return _placed(dashed, start, column, behind)


def _placed(offers: Iterable[Offer], start: int, column: int, behind: str) -> Offers:
    word = _WORD_BEHIND.match(behind)
    return Offers(tuple(offers), start, column + (word.end() if word is not None else 0))
