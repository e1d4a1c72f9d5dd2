"""A diagram in Mermaid's text, which GitHub, GitLab and most wikis draw."""

from __future__ import annotations

from typing import Final

from .diagram import Card, Diagram, Role

_FILLS: Final[dict[Role, str]] = {
    "data": "fill:#d5f2ec,stroke:#0f766e,color:#134e4a",
    "search": "fill:#e6e0fb,stroke:#6d28d9,color:#3b0d84",
    "model": "fill:#dbe9fd,stroke:#1d4ed8,color:#172f6e",
    "measure": "fill:#fdebc8,stroke:#b45309,color:#6b2f06",
    "serve": "fill:#d9f3dd,stroke:#15803d,color:#0f4d25",
    "other": "fill:#e7e9ee,stroke:#4b5563,color:#1f2937",
}


def to_mermaid(diagram: Diagram) -> str:
    """The whole, to be put into a block of code called `mermaid`."""
    ids = {card.name: f"s{place}" for place, card in enumerate(diagram.cards)}
    lines = ["flowchart LR", f"  accTitle: {_plain(diagram.name)}"]
    lines += [f"  {ids[card.name]}[{_label(card)}]:::{card.role}" for card in diagram.cards]
    for arrow in diagram.arrows:
        start, end = ids[arrow.source], ids[arrow.target]
        middle = f"-->|{_plain(arrow.label)}|" if arrow.label else "-.->"
        lines.append(f"  {start} {middle} {end}")
    used = {card.role for card in diagram.cards}
    lines += [f"  classDef {role} {fill}" for role, fill in _FILLS.items() if role in used]
    return "\n".join(lines) + "\n"


def _label(card: Card) -> str:
    # A step that is called as its kind says it once.
    head = f"<b>{_plain(card.name)}</b>"
    kind = [] if card.name == card.kind else [f"<i>{card.kind}</i>"]
    return '"' + "<br/>".join([head, *kind, *(_plain(t) for t in card.lines if t)]) + '"'


def _plain(text: str) -> str:
    """The text with what Mermaid or HTML would read as more than text as a numbered letter."""
    kept = " .,/:@%=+-_"
    return "".join(c if c.isalnum() or c in kept else f"#{ord(c)};" for c in text)
