"""What is wrong with a YAML text, in words that say what to write instead.

Imported where something is wrong, since most files are not.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

import yaml

_PROPERTIES: Final = re.compile(r"(?:[&!]\S*(?:\s+(?:#.*\n\s*)*|(?=[\[\]{},])|$))*")
_TAG: Final = re.compile(r"(?:&\S+\s+)?(!<[^>\s]*>?|![^\s,\[\]{}]*)")
_HELP: Final = {
    "mapping values are not allowed": (
        "a second `: ` on this line, or a deeper indentation than the line before",
        "put a value that has `: ` in it in quotes, and start keys of one block in one column",
    ),
    "did not find expected key": (
        "this does not continue the block above",
        "start all keys of one block in the same column",
    ),
    "did not find expected '-' indicator": (
        "this does not continue the list above",
        "start each item of the list with `- `, all in one column",
    ),
    "block sequence entries are not allowed": (
        "`- ` begins an item of a list",
        "put the value in quotes, or begin the list on a line of its own",
    ),
    "found unexpected ':'": (
        "a `:` ends a key",
        "write a space behind the `:`, or put the value in quotes",
    ),
    "did not find expected ',' or ']'": ("`[` is not closed", "close the list with `]`"),
    "did not find expected ',' or '}'": ("`{` is not closed", "close the mapping with `}`"),
    "did not find expected node content": ("a value is missing here", "write a value"),
    "could not find expected ':'": ("this line has no `:`", "write `key: value`"),
    "found unexpected end of stream": ("the quotes are not closed", "close the quotes"),
    "found unknown escape character": (
        "no such escape in double quotes",
        "write `\\\\` for a backslash, or use single quotes",
    ),
    "found character that cannot start any token": (
        "a value cannot begin with this character",
        "put the value in quotes",
    ),
    "expected alphabetic or numeric character": (
        "`*` and `&` begin an alias and an anchor",
        "put the value in quotes",
    ),
    "<document start>": (
        "the document is over before this",
        "remove what is left over; look for a bracket too many",
    ),
    "incompatible YAML document": ("no such version of YAML", "remove the line"),
    "expected comment or line break": (
        "`|` and `>` begin a text of several lines",
        "put the value in quotes",
    ),
}

_ANY: Final = ("unexpected", "put the value in quotes if the characters are meant")


class Fault(NamedTuple):
    """A syntax error, in offsets of the text."""

    code: str
    message: str
    start: int
    end: int
    label: str
    help: str
    edits: tuple[tuple[int, int, str], ...] = ()


def syntax_error(error: yaml.YAMLError, text: str) -> Fault:
    """What libyaml could not read, and a way out."""
    mark: yaml.Mark | None = getattr(error, "problem_mark", None)
    problem = str(getattr(error, "problem", None) or error).split("\n", 1)[0]
    at = min(mark.index, len(text)) if mark is not None else 0
    tab = _tab_at(text, at)
    if tab is not None:
        return _tab_fault(text, tab)
    if "maximum nesting depth" in problem:  # libyaml 0.2.6 and later, before our own bound
        from .reader import DEPTH

        deep = f"values stand more than {DEPTH} levels deep in each other"
        help_ = "no block of the language is nested like this"
        return Fault("OFC008", deep, at, at + 1, "too deep", help_)
    context = getattr(error, "context", None)
    begun: yaml.Mark | None = getattr(error, "context_mark", None)
    label, help_ = _habit(text, at) or next((v for k, v in _HELP.items() if k in problem), _ANY)
    ended = "end of stream" in problem
    if label.endswith("not closed") and begun and mark and (ended or begun.line != mark.line):
        at = begun.index
    end = at + 1 if at < len(text) and text[at] != "\n" else at
    said = f"{context}, {problem}" if context else problem
    return Fault("OFC004", f"this is not YAML: {said}", at, end, label, help_)


def _tab_fault(text: str, tab: int) -> Fault:
    from .tabs import without_tabs

    lines = without_tabs(text, tab)
    here = next((i.width for i in lines if i.start == text.rfind("\n", 0, tab) + 1), None)
    return Fault(
        "OFC005",
        "the line is indented with a tab, YAML takes only spaces",
        tab,
        tab + 1,
        "tab",
        "write spaces instead, as many as the keys beside it have"
        if here is None
        else f"begin the line with {here} spaces",
        tuple(i.edit for i in lines),
    )


def _habit(text: str, at: int) -> tuple[str, str] | None:
    """What is written like this elsewhere, or would be without YAML around it."""
    before, here = text[text.rfind("\n", 0, at) + 1 : at].rstrip(), text[at : at + 1]
    if here == "{" and before.endswith("$"):
        return "a parameter is not read like this", "write `$(params.name)`"
    if before.endswith(("}", "]")) and (here.isalpha() or here == ","):
        return (
            "YAML reads brackets by itself, and nothing goes on behind them",
            "put the whole value in quotes, or its type in front: `choice {a, b} when ...`",
        )
    return None


def _tab_at(text: str, at: int) -> int | None:
    """The offset of a tab in the indentation of the line at `at`."""
    begin = text.rfind("\n", 0, at) + 1
    while begin < len(text) and text[begin] == " ":
        begin += 1
    return begin if begin < len(text) and text[begin] == "\t" else None


def after_properties(text: str, start: int, end: int) -> int:
    """The offset behind the anchor and the tag that begin at `start`."""
    found = _PROPERTIES.match(text, start, end)
    return found.end() if found is not None else start


def tag_at(text: str, start: int) -> tuple[int, int]:
    """Where the tag stands among the properties that begin at `start`."""
    found = _TAG.match(text, start)
    return found.span(1) if found is not None else (start, start + 1)
