"""A diagram as SVG: made here, with no tool and no font from elsewhere; light and dark."""

from __future__ import annotations

from typing import Final
from xml.sax.saxutils import escape

from ..diagnostics.width import cells, visible
from .diagram import Arrow, Card, Diagram
from .layout import Layout, Measures, Point, lay_out

MARGIN: Final = 24.0
MEASURES: Final = Measures()

STYLE: Final = """\
    svg { color-scheme: light dark; max-width: 100%; height: auto; }
    .ground { fill: #ffffff; }
    .card { fill: #ffffff; stroke: #d3d8e0; }
    .name { fill: #141a24; font: 600 14px system-ui, sans-serif; }
    .line { fill: #556070; font: 12px system-ui, sans-serif; }
    .kind { font: 600 9.5px system-ui, sans-serif; letter-spacing: 0.09em; }
    .arrow { fill: none; stroke: #8b96a6; stroke-width: 1.5; }
    .waits { stroke-dasharray: 2 5; stroke-linecap: round; }
    .head { fill: #8b96a6; }
    .port { fill: #475061; font: 11px system-ui, sans-serif; paint-order: stroke; }
    .port { stroke: #ffffff; stroke-width: 5px; stroke-linejoin: round; }
    .data { --c: #0f766e; } .search { --c: #6d28d9; } .model { --c: #1d4ed8; }
    .measure { --c: #b45309; } .serve { --c: #15803d; } .other { --c: #4b5563; }
    .stripe, .kind { fill: var(--c); }
    @media (prefers-color-scheme: dark) {
      .ground { fill: #0f141b; }
      .card { fill: #18202a; stroke: #313c4a; }
      .name { fill: #eef2f7; }
      .line { fill: #a6b2c2; }
      .arrow { stroke: #66738a; }
      .head { fill: #66738a; }
      .port { fill: #b9c4d3; stroke: #0f141b; }
      .data { --c: #2dd4bf; } .search { --c: #a78bfa; } .model { --c: #60a5fa; }
      .measure { --c: #fbbf24; } .serve { --c: #4ade80; } .other { --c: #9ca3af; }
    }
"""


HEAD: Final = (
    '  <marker id="head" viewBox="0 0 8 8" refX="7" refY="4"',
    '    markerWidth="8" markerHeight="8" orient="auto">',
    '    <path class="head" d="M0.5 0.8 L7.5 4 L0.5 7.2 Q2 4 0.5 0.8"/>',
    "  </marker>",
)


def to_svg(diagram: Diagram) -> str:
    """The whole document; the same diagram gives the same bytes."""
    layout = lay_out(diagram, MEASURES)
    width, height = layout.width + 2 * MARGIN, layout.height + 2 * MARGIN
    size = f'viewBox="0 0 {_n(width)} {_n(height)}" width="{_n(width)}" height="{_n(height)}"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-labelledby="title desc">',
        f'  <title id="title">{_text(f"The program of {diagram.name}")}</title>',
        f'  <desc id="desc">{_text(description(diagram))}</desc>',
        "  <style>",
        STYLE.rstrip("\n"),
        "  </style>",
        *HEAD,
        f'  <rect class="ground" width="{_n(width)}" height="{_n(height)}" rx="12"/>',
        f'  <g transform="translate({_n(MARGIN)} {_n(MARGIN)})">',
        *_arrows(diagram, layout),
        *(line for card in diagram.cards for line in _card(card, layout.corners[card.name])),
        *_ports(diagram, layout),
        "  </g>",
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def description(diagram: Diagram) -> str:
    """The drawing in words: each step, and what it reads from which."""
    said: list[str] = []
    for card in diagram.cards:
        reads = [a for a in diagram.arrows if a.target == card.name]
        given = [f"{a.label} of {a.source}" if a.label else f"waits for {a.source}" for a in reads]
        what = f" ({card.kind})" if card.kind != card.name else ""
        said.append(f"{card.name}{what}{': ' if given else ''}{', '.join(given)}.")
    return " ".join(said)


def _arrows(diagram: Diagram, layout: Layout) -> list[str]:
    lines: list[str] = []
    for arrow, path in zip(diagram.arrows, layout.paths, strict=True):
        kind = "arrow" if arrow.label else "arrow waits"
        lines.append(f'    <path class="{kind}" d="{_curve(path)}" marker-end="url(#head)"/>')
    return lines


def _curve(points: tuple[Point, ...]) -> str:
    """Level where it leaves and arrives; straight through the layers in between."""
    (x, y), *rest = points
    drawn = [f"M{_n(x)} {_n(y)}"]
    for to_x, to_y in rest:
        half = (to_x - x) / 2
        drawn.append(
            f"H{_n(to_x)}"
            if to_y == y
            else f"C{_n(x + half)} {_n(y)} {_n(to_x - half)} {_n(to_y)} {_n(to_x)} {_n(to_y)}"
        )
        x, y = to_x, to_y
    return " ".join(drawn)


def _ports(diagram: Diagram, layout: Layout) -> list[str]:
    """The name of each port where its arrows leave, once."""
    lines: list[str] = []
    told: set[tuple[str, str]] = set()
    for arrow, path in zip(diagram.arrows, layout.paths, strict=True):
        if arrow.label and (key := (arrow.source, arrow.label)) not in told:
            told.add(key)
            lines.append(_port(arrow, path[0]))
    return lines


def _port(arrow: Arrow, start: Point) -> str:
    x, y = start[0] + 6, start[1] - 5
    return f'    <text class="port" x="{_n(x)}" y="{_n(y)}">{_text(arrow.label)}</text>'


def _card(card: Card, corner: Point) -> list[str]:
    x, y = corner
    width, height = MEASURES.width, MEASURES.height
    lines = [t for t in card.lines if t]
    # All the text stands in the middle of its card, however much there is.
    first = y + (height - 16 * len(lines) - 26) / 2 + 3
    texts = [
        _line("kind", x, first + 5, card.kind.upper()),
        _line("name", x, first + 22, _fit(card.name, 19)),
    ]
    texts += [
        _line("line", x, first + 22 + 16 * n, _fit(line, 26)) for n, line in enumerate(lines, 1)
    ]
    box = f'x="{_n(x)}" y="{_n(y)}" width="{_n(width)}" height="{_n(height)}" rx="10"'
    stripe = f'x="{_n(x + 6)}" y="{_n(y + 10)}" width="3.5" height="{_n(height - 20)}" rx="1.75"'
    return [
        f'    <g class="{card.role}">',
        f"      <title>{_text(', '.join([card.kind, card.name, *lines]))}</title>",
        f'      <rect class="card" {box}/>',
        f'      <rect class="stripe" {stripe}/>',
        *texts,
        "    </g>",
    ]


def _line(kind: str, x: float, y: float, text: str) -> str:
    return f'      <text class="{kind}" x="{_n(x + 18)}" y="{_n(y)}">{_text(text)}</text>'


def _fit(text: str, room: int) -> str:
    """At most `room` letters; the middle goes, since names differ at their ends."""
    shown = visible(text)
    if cells(shown) <= room:
        return shown
    head = (room - 1) * 2 // 3
    return f"{shown[:head]}…{shown[len(shown) - (room - 1 - head) :]}"


def _text(text: str) -> str:
    return escape(visible(text))


def _n(value: float) -> str:
    """A number with one place at most, so that all machines write the same."""
    return f"{value:.1f}".removesuffix(".0")
