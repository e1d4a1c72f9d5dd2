"""Diagnostics as people read them in a terminal.

warning[OFC202]: step `c` is never used
--> spec.yaml:4:3
|
4 |   c: {image: plot, in: a.rows}
|   ^ nothing reads its outputs
= help: remove it
= docs: https://omniforce.dev/codes/OFC202
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from omniforce.spec.diagnostic import Diagnostic, Severity
from omniforce.spec.frozen import dataclass
from omniforce.spec.source import Source, Span

from .codes import docs_url
from .width import cells, visible

WINDOW = 120
"""Cells of a line that are shown; a longer one is cut around the place."""

_BOLD, _RED, _YELLOW, _BLUE, _OFF = "\x1b[1m", "\x1b[1;31m", "\x1b[1;33m", "\x1b[1;34m", "\x1b[0m"
_STYLES = {Severity.ERROR: _RED, Severity.WARNING: _YELLOW, Severity.NOTE: "\x1b[1;36m"}


def render_text(
    diagnostics: Iterable[Diagnostic], sources: Mapping[str, Source], color: bool = False
) -> str:
    """All of them, an empty line between two; each ends with a line break.

    Args:
        diagnostics: in the order in which they are shown.
        sources: by the name that spans call them; one that is missing shows its place only.
        color: with ANSI colours.
    """
    lines = {name: tuple(s.text.split("\n")) for name, s in sources.items()}
    return "\n".join(_render(d, lines, _Paint(color)) for d in diagnostics)


@dataclass(frozen=True, slots=True)
class _Paint:
    color: bool

    def __call__(self, style: str, text: str) -> str:
        return f"{style}{text}{_OFF}" if self.color and text else text


@dataclass(frozen=True, slots=True)
class _Mark:
    span: Span
    label: str
    primary: bool


def _render(diagnostic: Diagnostic, lines: Mapping[str, tuple[str, ...]], paint: _Paint) -> str:
    style = _STYLES[diagnostic.severity]
    head = paint(style, f"{diagnostic.severity.value}[{diagnostic.code}]")
    out = [head + paint(_BOLD, f": {visible(diagnostic.message)}")]
    marks = [_Mark(r.span, r.label, False) for r in diagnostic.related]
    if diagnostic.span is not None:
        marks.insert(0, _Mark(diagnostic.span, diagnostic.label, True))
    gutter = max((len(str(m.span.line)) for m in marks), default=0)
    for i, file in enumerate(dict.fromkeys(m.span.file for m in marks)):
        here = [m for m in marks if m.span.file == file]
        arrow = paint(_BLUE, "-->" if i == 0 else ":::")
        out.append(f"{' ' * gutter}{arrow} {visible(str(here[0].span))}")
        out += _snippet(here, lines.get(file), gutter, style, paint)
    tail = {"help": diagnostic.help, "docs": docs_url(diagnostic.code)}
    out += [_note(word, text, gutter, paint) for word, text in tail.items() if text]
    return "\n".join(out) + "\n"


def _note(word: str, text: str, gutter: int, paint: _Paint) -> str:
    first, *rest = text.rstrip("\n").split("\n")
    indent = " " * (gutter + 5 + len(word))
    return "\n".join(
        [
            f"{' ' * gutter} {paint(_BLUE, '=')} {word}: {visible(first)}",
            *(f"{indent}{visible(line)}" for line in rest),
        ]
    )


def _snippet(
    marks: list[_Mark], lines: tuple[str, ...] | None, gutter: int, style: str, paint: _Paint
) -> list[str]:
    """The marked lines in the order of the file, each once, with its marks below it."""
    if lines is None:
        return []
    bar = paint(_BLUE, "|")
    out = [f"{' ' * gutter} {bar}"]
    shown = 0
    for number in sorted({m.span.line for m in marks}):
        if shown and number > shown + 1:
            out.append(paint(_BLUE, "..."))
        shown = number
        raw = lines[number - 1].rstrip("\r") if 0 < number <= len(lines) else ""
        here = [m for m in marks if m.span.line == number]
        start, text = _window(raw, here[0].span.column - 1)
        out.append(f"{paint(_BLUE, str(number).rjust(gutter))} {bar} {text}".rstrip())
        out += [f"{' ' * gutter} {bar} {_underline(raw, start, m, style, paint)}" for m in here]
    return out


def _window(raw: str, column: int) -> tuple[int, str]:
    """The part of a line that is shown: the character that it starts at, and its text."""
    if cells(raw[: 2 * WINDOW]) <= WINDOW:
        return 0, visible(raw[: 2 * WINDOW])
    start = max(0, min(column, len(raw)) - WINDOW // 3)
    end = start
    width = 0
    while end < len(raw) and (width := width + cells(raw[end])) <= WINDOW:
        end += 1
    shown = ("..." if start else "") + visible(raw[start:end]) + ("..." if end < len(raw) else "")
    return start, shown


def _underline(raw: str, start: int, mark: _Mark, style: str, paint: _Paint) -> str:
    span = mark.span
    first = max(start, min(span.column - 1, len(raw)))
    last = span.end_column - 1 if span.end_line == span.line else len(raw)
    last = max(first, min(last, len(raw)))
    indent = (3 if start else 0) + cells(raw[start:first])
    # A span past the end of its line still has one caret, where the missing text belongs.
    room = max(1, WINDOW - indent)
    sign = ("^" if mark.primary else "-") * max(1, min(cells(raw[first:last]), room))
    label = f" {visible(mark.label)}" if mark.label else ""
    return " " * indent + paint(style if mark.primary else _BLUE, sign + label)
