"""The spaces that every strategy is tried on, and cheap stand-ins for training on them."""

from __future__ import annotations

import math

from omniforce.spec.expression.tree import Binary, Call, Compare, Literal_, Name, Places
from omniforce.spec.space import (
    Assignment,
    Choice,
    Composite,
    Coordinate,
    Derived,
    FloatRange,
    Graph,
    IntRange,
    LogNormal,
    Normal,
    Space,
    Weights,
)


def _deeper(place: int) -> tuple[Compare, ...]:
    return (Compare(">", Name("depth"), Literal_(place)),) if place else ()


def _position(value: int) -> Call:
    return Call("position", (Places("order", (), ((0, 1),)), Literal_(value)))


CONDITIONAL = Space(
    (
        Coordinate("family", (), Choice(("net", "trees"))),
        Coordinate("rate", (), FloatRange(1e-4, 1e-1, "log"), default=1e-3),
        Coordinate("depth", (), IntRange(1, 3), (Compare("==", Name("family"), Literal_("net")),)),
        Coordinate(
            "units",
            (0,),
            Choice((8, 16, 32), ordered=True),
            (Compare(">=", Name("depth"), Literal_(1)),),
        ),
        Coordinate(
            "units",
            (1,),
            Choice((8, 16, 32), ordered=True),
            (Compare(">=", Name("depth"), Literal_(2)),),
        ),
        Coordinate(
            "leaves",
            (),
            IntRange(2, 256, "log"),
            (Compare("==", Name("family"), Literal_("trees")),),
        ),
        Coordinate("share", (), FloatRange(0.0, 1.0, "linear", 0.25)),
    ),
    (Compare("<=", Binary("*", Name("depth"), Name("units", (0,))), Literal_(48)),),
)
"""Two families, a counted array, every scale and a constraint."""

SMALL = Space(
    (
        Coordinate("a", (), Choice(("x", "y", "z"))),
        Coordinate("b", (), IntRange(1, 3)),
    ),
    (Compare("<=", Name("b"), Literal_(2)),),
)
"""Six feasible points."""

LISTS = Space(
    (
        Coordinate("rate", (), FloatRange(1e-4, 1e-1, "log"), prior=LogNormal(1e-3, 3.0)),
        Coordinate("family", (), Choice(("net", "trees")), prior=Weights((0.9, 0.1))),
        Coordinate("depth", (), IntRange(1, 3), prior=Normal(2.0, 0.5)),
        *(Coordinate("width", (i,), IntRange(1, 64, "log"), _deeper(i)) for i in range(3)),
        Coordinate("order", (0,), IntRange(0, 2), lengths=("2",)),
        Coordinate("order", (1,), IntRange(0, 1), lengths=("2",)),
        *(Coordinate("some", (k,), IntRange(0, 1), lengths=("3",)) for k in range(3)),
    ),
    (
        Compare("<=", Call("sum", (Places("width", (), ((0, 2),)),)), Literal_(48)),
        Compare("==", Call("sum", (Places("some", (), ((0, 2),)),)), Literal_(2)),
        Compare("<", _position(0), _position(2)),
    ),
    (Derived("size", (), Call("sum", (Places("width", (), ((0, 2),)),)), type="int"),),
    (
        Composite("permutation", "order", (), ("conv", "norm", "pool")),
        Composite("subset", "some", (), ("flip", "crop", "blur")),
    ),
)
"""Priors, a permutation, a subset of two, an array with a bounded sum, and a derived value."""

_NET = (Compare("==", Name("family"), Literal_("net")),)

CELLS = Space(
    (
        Coordinate("family", (), Choice(("net", "trees"))),
        *(
            Coordinate("edge", (k,), Choice(("none", "skip", "conv")), _NET, lengths=("3",))
            for k in range(3)
        ),
        Coordinate("width", (), IntRange(8, 64, "log")),
    ),
    (Compare("!=", Name("edge", (2,)), Literal_("skip")),),
    graphs=(Graph("edge", (), ((0, 1), (1, 2), (0, 2)), ("none",), ("skip",)),),
)
"""A declared cell in one of two branches, beside a number; one operation is forbidden."""

IMPOSSIBLE = Space(
    (Coordinate("a", (), IntRange(1, 9)), Coordinate("b", (), IntRange(1, 9))),
    (Compare(">", Binary("+", Name("a"), Name("b")), Literal_(18)),),
)

GUESSED = Space(
    (
        Coordinate("a", (), IntRange(1, 9), default=7),
        Coordinate("b", (), Choice(("x", "y", "z")), default="y"),
        Coordinate("c", (), FloatRange(0.0, 1.0), default=0.25),
        Coordinate("d", (), IntRange(1, 9), default=8),
    ),
    (Compare("<=", Binary("+", Name("a"), Name("d")), Literal_(10)),),
)
"""A writer's first guess, which breaks a constraint."""

ONE_VALUE = Space(
    (
        Coordinate("fixed", (), Choice(("only",))),
        Coordinate("x", (), FloatRange(0.0, 1.0)),
        Coordinate("also", (), IntRange(3, 3)),
        Coordinate("level", (), FloatRange(2.5, 2.5)),
    )
)
"""One coordinate to search, among three that have one value."""

ONE_POINT = Space((Coordinate("a", (), Choice(("only",))),))


def figures(point: Assignment) -> dict[str, float]:
    """A cheap stand-in for training: two objectives and a size, by the conditional space."""
    off = math.log10(float(point["rate"])) + 2.5
    if point["family"] == "net":
        power = float(point["depth"]) * float(point["units[0]"])
    else:
        power = float(point["leaves"]) / 4
    return {
        "accuracy": 1.0 - 0.1 * off**2 - 1.0 / (1.0 + power) - 0.1 * float(point["share"]),
        "latency": 1e-3 * (1.0 + power),
        "size": 20.0 * power,
    }


def sizes(point: Assignment) -> dict[str, float]:
    """Figures of a point of `LISTS`."""
    size = float(sum(float(v) for name, v in point.items() if name.startswith("width")))
    return {"accuracy": 1.0 - 1.0 / size, "latency": 1e-3 * size, "size": size}


def of_cells(point: Assignment) -> dict[str, float]:
    """Figures of a point of `CELLS`: convolutions count where they lie on a path."""
    first, second, direct = (point.get(f"edge[{k}]", "none") for k in range(3))
    useful = (direct == "conv") + (
        0 if "none" in (first, second) else (first == "conv") + (second == "conv")
    )
    width = float(point["width"])
    accuracy = 1.0 - 1.0 / (1.0 + useful) - 1.0 / width
    return {"accuracy": accuracy, "latency": 1e-3 * useful * width, "size": width}
