"""Changes as people read them: for a terminal, and as Markdown for a pull request."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from omniforce.spec.frozen import dataclass
from omniforce.spec.source import Span

from ..diagnostics.width import visible
from .change import Change, Fate, worst

GREEN, RED, YELLOW, DIM, OFF = "\x1b[32m", "\x1b[31m", "\x1b[33m", "\x1b[2m", "\x1b[0m"
_COLORS: Final[dict[str, str]] = {"+": GREEN, "-": RED, "~": YELLOW}
_FATES: Final[dict[Fate, str]] = {"kept": GREEN, "imputed": YELLOW, "invalidated": RED}


@dataclass(frozen=True, slots=True)
class Placed:
    """A change with its places in both files; None where it is not written there."""

    change: Change
    before: Span | None = None
    after: Span | None = None

    @property
    def sign(self) -> str:
        """`+` for what came, `-` for what went, `~` for what is otherwise."""
        if self.change.before is None:
            return "+"
        return "-" if self.change.after is None else "~"


def to_text(changes: Sequence[Placed], color: bool = False) -> str:
    """One change after the other, and what they mean together; nothing where nothing differs."""
    if not changes:
        return ""
    blocks = [_block(each, color) for each in changes]
    return "\n".join([*blocks, _verdict(changes, color)]) + "\n"


def _block(placed: Placed, color: bool) -> str:
    change = placed.change
    head = _paint(f"{placed.sign} {visible(change.path)}", _COLORS[placed.sign], color)
    fate = _paint(change.fate, _FATES[change.fate], color)
    only = f" {change.only}, else invalidated" if change.only else ""
    places = " -> ".join(str(p) for p in (placed.before, placed.after) if p is not None)
    lines = [f"{head}: {visible(_values(change))}"]
    lines.append(f"    finished trials: {fate}{visible(only)}; {visible(change.why)}")
    lines += [_paint(f"    {visible(places)}", DIM, color)] if places else []
    return "\n".join(lines)


def _values(change: Change) -> str:
    if change.before is None:
        return change.after or ""
    return change.before if change.after is None else f"{change.before} -> {change.after}"


def _verdict(changes: Sequence[Placed], color: bool) -> str:
    fate = worst(c.change.fate for c in changes)
    said = _paint(verdict(changes), _FATES[fate], color)
    return f"\n{_number(len(changes))}. Finished trials: {said}"


def verdict(changes: Sequence[Placed]) -> str:
    """What becomes of the finished trials by all changes together."""
    fate = worst(c.change.fate for c in changes)
    if fate == "invalidated":
        return "all invalidated"
    values = ", with imputed values" if fate == "imputed" else ""
    partly = any(c.change.only for c in changes)
    return f"some kept{values}, the others invalidated" if partly else f"all kept{values}"


def to_markdown(changes: Sequence[Placed]) -> str:
    """A table for the comment of a pull request."""
    if not changes:
        return "The two specs mean the same.\n"
    lines = [f"**{_number(len(changes))}. Finished trials: {verdict(changes)}.**", ""]
    lines += ["| | what | before | after | finished trials |", "|---|---|---|---|---|"]
    for each in changes:
        change = each.change
        only = f" {change.only}, else invalidated" if change.only else ""
        cells = [
            each.sign,
            _code(change.path),
            _code(change.before),
            _code(change.after),
            f"**{change.fate}**{_cell(only)}; {_cell(change.why)}",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _code(text: str | None) -> str:
    if text is None:
        return ""
    # A longer fence, and spaces, where the text itself has backquotes.
    fence = "``" if "`" in text else "`"
    space = " " if "`" in text else ""
    return f"{fence}{space}{_cell(text)}{space}{fence}"


def _cell(text: str) -> str:
    shown = visible(text.replace("\n", " "))
    return shown.replace("|", "\\|").replace("<", "&lt;") if "`" not in shown else _escaped(shown)


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")


def _number(count: int) -> str:
    return f"{count} change{'' if count == 1 else 's'}"


def _paint(text: str, style: str, color: bool) -> str:
    return f"{style}{text}{OFF}" if color else text
