"""A plot of regret as SVG: the median of each searcher's runs, and the middle half around it.

Written by hand, so that the same figures give the same file; its colours follow the reader's
light or dark screen.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "plots"
WIDTH, HEIGHT = 720, 400
LEFT, RIGHT, TOP, BOTTOM = 64, 190, 36, 44
COLOURS = (
    "#2a78d6", "#eb6834", "#1baf7a", "#eda100", "#e87ba4", "#8a63d2", "#4a3aa7", "#e34948",
    "#0f8b8d", "#8c6d46", "#6f7d8c", "#b5179e",
)  # fmt: skip
STYLE = """
text { font: 12px system-ui, sans-serif; fill: #3a3a38 }
.title { font-size: 14px; font-weight: 600 }
.axis { stroke: #8a8a84; stroke-width: 1 }
.grid { stroke: #8a8a84; stroke-opacity: 0.2 }
.ground { fill: #ffffff }
.line { fill: none; stroke-width: 2; stroke-linejoin: round }
.band { fill-opacity: 0.14; stroke: none }
@media (prefers-color-scheme: dark) { text { fill: #d6d6d0 } .ground { fill: #181816 } }
"""

Runs = Mapping[str, Sequence[Sequence[float]]]


def draw(title: str, runs: Runs, *, label: str = "regret", first: int = 1) -> str:
    """The SVG.

    Args:
        title: above the plot.
        runs: per searcher, what is lost after each evaluation of each of its runs.
        label: of the vertical axis, which is logarithmic.
        first: the evaluation that the plot starts at.
    """
    quartiles = {name: _quartiles(each, first) for name, each in runs.items() if each}
    every = [value for each in quartiles.values() for row in each for value in row if value > 0]
    top = max(every, default=1.0)
    floor = max(min(every, default=top / 10), top * 1e-6)
    low, high = math.floor(math.log10(floor)), math.ceil(math.log10(top) + 1e-9)
    high = max(high, low + 1)
    length = max((len(each) for each in quartiles.values()), default=1)

    def x(at: int) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * at / max(length - 1, 1)

    def y(value: float) -> float:
        # what is exactly 0 stands on the floor
        place = math.log10(max(value, 10.0**low)) - low
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * place / (high - low)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">',
        f"<style>{STYLE}</style>",
        f'<rect class="ground" width="{WIDTH}" height="{HEIGHT}"/>',
        f'<text class="title" x="{LEFT}" y="20">{escape(title)}</text>',
    ]
    for power in range(low, high + 1):
        at = y(10.0**power)
        parts.append(_segment("grid", LEFT, at, WIDTH - RIGHT, at))
        parts.append(_text(LEFT - 8, at + 4, f"{10.0**power:g}", "end"))
    parts += [
        _text(x(tick - first), HEIGHT - BOTTOM + 18, str(tick), "middle")
        for tick in _ticks(first, first + length - 1)
    ]
    parts.append(_segment("axis", LEFT, HEIGHT - BOTTOM, WIDTH - RIGHT, HEIGHT - BOTTOM))
    parts.append(_segment("axis", LEFT, TOP, LEFT, HEIGHT - BOTTOM))
    parts.append(_text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, "evaluations", "middle"))
    parts.append(
        f'<text transform="translate(14 {(TOP + HEIGHT - BOTTOM) / 2}) rotate(-90)" '
        f'text-anchor="middle">{escape(label)}</text>'
    )
    for at, (name, rows) in enumerate(quartiles.items()):
        colour = COLOURS[at % len(COLOURS)]
        upper = [f"{x(n):.1f},{y(row[2]):.1f}" for n, row in enumerate(rows)]
        lower = [f"{x(n):.1f},{y(row[0]):.1f}" for n, row in enumerate(rows)]
        middle = [f"{x(n):.1f},{y(row[1]):.1f}" for n, row in enumerate(rows)]
        band = " ".join([*upper, *reversed(lower)])
        parts.append(f'<polygon class="band" fill="{colour}" points="{band}"/>')
        parts.append(f'<polyline class="line" stroke="{colour}" points="{" ".join(middle)}"/>')
        here = TOP + 8 + 18 * at
        key = WIDTH - RIGHT + 14
        parts.append(f'<path class="line" stroke="{colour}" d="M{key} {here}h18"/>')
        parts.append(_text(key + 24, here + 4, name, "start"))
    return "\n".join([*parts, "</svg>", ""])


def write(name: str, svg: str, folder: Path = FOLDER) -> Path:
    """Puts a plot beside the tables; returns its path."""
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}.svg"
    path.write_text(svg, encoding="utf-8")
    return path


def _quartiles(runs: Sequence[Sequence[float]], first: int) -> list[tuple[float, float, float]]:
    length = min(len(run) for run in runs)
    columns = [[run[at] for run in runs] for at in range(first - 1, length)]
    return [
        (each[0], each[0], each[0])
        if len(each) == 1
        else tuple(statistics.quantiles(each, n=4, method="inclusive"))  # type: ignore[misc]
        for each in columns
    ]


def _ticks(first: int, last: int) -> list[int]:
    step = next(
        each for each in (1, 2, 5, 10, 20, 25, 50, 100, 200, 500) if (last - first) / each < 9
    )
    return [tick for tick in range(first, last + 1) if tick % step == 0]


def _segment(kind: str, x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'
