"""The comments of a file with their places, which the YAML reader itself passes over."""

from __future__ import annotations

from collections.abc import Iterator

import yaml

from ..frozen import dataclass
from ..source import Source, Span


@dataclass(frozen=True, slots=True)
class Comment:
    """One comment, to the end of its line.

    Attributes:
        text: from its `#`, without spaces at the end.
        alone: whether nothing but spaces stands before it on its line.
    """

    text: str
    span: Span
    alone: bool


def comments(source: Source) -> tuple[Comment, ...]:
    """Every comment, in the order of the file; those before a syntax error where there is one."""
    return tuple(_comments(source))


def _comments(source: Source) -> Iterator[Comment]:
    text = source.text
    line, start = 1, 0  # of the line that `at` stands on
    at = 0
    for gap_end, token_end in _tokens(text):
        while (found := text.find("#", at, gap_end)) >= 0:
            end = text.find("\n", found)
            end = len(text) if end < 0 else end
            breaks = text.count("\n", start, found)
            if breaks:
                line, start = line + breaks, text.rfind("\n", start, found) + 1
            body = text[found:end].rstrip()
            column = found - start + 1
            yield Comment(
                body,
                Span(source.name, line, column, line, column + len(body)),
                not text[start:found].strip(),
            )
            at = end
        at = max(at, token_end)


def _tokens(text: str) -> Iterator[tuple[int, int]]:
    """Where each token begins and ends; what stands between two is space and comments."""
    try:
        for token in yaml.scan(text, Loader=yaml.CLoader):
            start, end = token.start_mark.index, token.end_mark.index
            if isinstance(token, yaml.ScalarToken) and token.style in ("|", ">"):
                # its first line may have a comment behind the indicator, and its end mark
                # stands behind the comments that follow it
                first = text.find("\n", start)
                first = len(text) if first < 0 else first
                hash_ = text.find(" #", start, first)
                if hash_ >= 0:
                    yield first, first
                yield start, _end_of_block(text, first, end, token.value)
                continue
            yield start, end
    except yaml.YAMLError:
        return
    yield len(text), len(text)


def _end_of_block(text: str, first: int, end: int, value: str) -> int:
    """Behind the last line of a block scalar that is indented as deep as its content.

    Its first line may be deeper than that, where a number behind the indicator says so.
    """
    last = at = min(first + 1, end)
    told = next((line for line in value.split("\n") if line.strip(" ")), None)
    if told is None:
        return last
    extra = len(told) - len(told.lstrip(" "))
    indent = -1
    while at < end:
        stop = text.find("\n", at)
        stop = end if stop < 0 or stop > end else stop + 1
        line = text[at:stop]
        if line.strip():
            deep = len(line) - len(line.lstrip(" "))
            indent = deep - extra if indent < 0 else indent
            if deep < indent:
                break
            last = stop
        at = stop
    return last
