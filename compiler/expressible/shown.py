"""The answers of targets as tables for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from ..diagnostics.width import cells
from .ask import Answer, Says

WORDS: Final[dict[Says, str]] = {"yes": "yes", "limited": "in part", "no": "no"}

Answers = Mapping[str, Sequence[Answer]]


def to_markdown(found: Answers) -> str:
    """One row a feature, one column a target, and the way out where one says no."""
    names = tuple(found)
    lines = [f"| block | what | {' | '.join(f'`{n}`' for n in names)} | way out |"]
    lines.append("|---" * (len(names) + 3) + "|")
    for row in zip(*found.values(), strict=True):
        feature = row[0].feature
        said = " | ".join(WORDS[a.says] for a in row)
        ways = "; ".join(dict.fromkeys(a.way_out for a in row if a.way_out))
        lines.append(f"| `{feature.block}` | {feature.what} | {said} | {ways} |")
    return "\n".join(lines) + "\n"


def to_text(found: Answers) -> str:
    """The same without ways out, which `explain TARGET` tells."""
    rows = [("", "", *found)]
    rows += [
        (row[0].feature.block, row[0].feature.what.replace("`", ""), *(WORDS[a.says] for a in row))
        for row in zip(*found.values(), strict=True)
    ]
    widths = [max(cells(row[at]) for row in rows) for at in range(len(rows[0]))]
    told = ""
    lines: list[str] = []
    for block, *rest in rows:
        first = "" if block == told else block
        told = block
        padded = (t + " " * (w - cells(t)) for t, w in zip((first, *rest), widths, strict=True))
        lines.append("  ".join(padded).rstrip())
    return "\n".join(lines) + "\n"


def one_to_text(name: str, found: Sequence[Answer]) -> str:
    """What one target can express, and what to write instead of what it cannot."""
    lines = [f"{name} can express"]
    lines += _listed(tuple(a for a in found if a.says == "yes"))
    for says, head in (("limited", "in part"), ("no", "and not")):
        kept = tuple(a for a in found if a.says == says)
        if kept:
            lines += ["", head]
            lines += [
                f"  {a.feature.block:<12}  {a.feature.what.replace('`', '')} -> {a.way_out}"
                for a in kept
            ]
    return "\n".join(lines) + "\n"


def _listed(kept: Sequence[Answer]) -> list[str]:
    by_block: dict[str, list[str]] = {}
    for each in kept:
        by_block.setdefault(each.feature.block, []).append(each.feature.what.replace("`", ""))
    return [f"  {block:<12}  {', '.join(whats)}" for block, whats in by_block.items()]
