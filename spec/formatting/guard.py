"""Holds what was formatted against what was read: the same values, anchors and comments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import yaml

from ..source import Source
from ..yaml.comments import comments
from ..yaml.core_schema import resolve
from .pieces import Word


class FormatterBug(Exception):  # noqa: N818 - a fault of ours, which the command line reports
    """The formatted text would not mean the same; nothing was written."""


def hold(before: str, after: str, words: tuple[Word, ...], spelled: Mapping[int, str]) -> None:
    """Compares two texts.

    Args:
        before: the text as it was read.
        after: the formatted one.
        words: the scalars of `before`, in order.
        spelled: what stands in the place of some of them, which was held against them already.

    Raises:
        FormatterBug: they differ in a value, an anchor, a tag, or a comment.
    """
    expected = [spelled.get(id(word)) for word in words]
    try:
        same = list(_values(before, expected)) == list(_values(after, []))
    except yaml.YAMLError as fault:
        raise FormatterBug(f"the formatted text is not YAML: {fault}") from fault
    if not same:
        raise FormatterBug("the formatted text has other values")
    if _comments(before) != _comments(after):
        raise FormatterBug("the formatted text has other comments")


def _values(text: str, expected: list[str | None]) -> Iterator[tuple[object, ...]]:
    rest = iter(expected)
    for event in yaml.parse(text, Loader=yaml.CLoader):
        match event:
            case yaml.ScalarEvent():
                value = next(rest, None) or event.value
                typed = resolve(value) if not event.style else value
                yield "scalar", event.anchor, event.tag, type(typed).__name__, str(typed)
            case yaml.AliasEvent():
                yield "alias", event.anchor
            case yaml.CollectionStartEvent():
                yield type(event).__name__, event.anchor, event.tag
            case yaml.CollectionEndEvent():
                yield ("end",)
            case _:
                pass


def _comments(text: str) -> list[str]:
    return sorted(comment.text for comment in comments(Source("", text)))
