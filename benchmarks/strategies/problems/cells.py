"""NAS-Bench-201's cells: an operation on each of six edges between four nodes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from omniforce.spec.space import Assignment, Choice, Coordinate, Graph, Space
from omniforce.strategies.protocol import Goal

from ..bench import Bench, Metrics, noiseless, regret
from ..front import missing_volume
from .stored import DATA, read

OPERATIONS = ("none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3")
EDGES = ((0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3))
CELL = Graph("edge", (), EDGES, absent=("none",), identity=("skip_connect",))
TABLE = DATA / "nasbench201" / "nasbench201.parquet"
LATENCIES = DATA / "nasbench201_hw" / "latency.parquet"
LONG = tuple(f"{data}_{part}_200ep" for data in ("c10", "c100", "in16") for part in ("val", "test"))

Operations = tuple[int, ...]


def space(*, declared: bool) -> Space:
    """Six choices; `declared`, that they are the edges of a graph."""
    edges = tuple(Coordinate("edge", (at,), Choice(OPERATIONS)) for at in range(6))
    return Space(edges, graphs=(CELL,) if declared else ())


def operations(point: Assignment) -> Operations:
    """The six operations by their numbers in the table."""
    return tuple(OPERATIONS.index(str(point[f"edge[{at}]"])) for at in range(6))


@cache
def column(name: str) -> dict[Operations, float]:
    """A figure of every cell, by its operations."""
    rows = read(f"select op0, op1, op2, op3, op4, op5, {name} from '{TABLE}'")
    return {tuple(int(each) for each in row[:6]): float(row[6]) for row in rows}


def best_cell(objective: str, *, declared: bool) -> Bench:
    """The paper's Table 1: 92 evaluations, the first 12 of them random.

    Lost is the gap to the best cell's validation accuracy in per cent points, so it is 0 where
    the best cell was found. At the end: whether it was found by 50 and by 92, and how good the
    best cell of the search is after 200 epochs.
    """
    table = column(objective)
    best = max(table.values())

    def truth(point: Assignment) -> Metrics:
        return {"accuracy": table[operations(point)] / 100}

    def ended(points: Sequence[Assignment]) -> Metrics:
        cells = [operations(point) for point in points]
        chosen = max(cells, key=lambda cell: table[cell])
        found = {f"found at {n}": float(max(table[c] for c in cells[:n]) == best) for n in (50, 92)}
        return found | {name: column(name)[chosen] for name in LONG}

    return Bench(
        f"table1-{objective}{'' if declared else '-undeclared'}",
        space(declared=declared),
        (Goal("accuracy", "maximize"),),
        92,
        noiseless(truth),
        truth,
        regret("accuracy", best / 100, 0.01, sign=-1.0),
        ended,
        given=12,
    )


def with_device(device: str) -> Bench:
    """CIFAR-10 accuracy after 200 epochs against the latency on a device.

    Lost is the missing share of the hypervolume, both figures scaled between the worst and the
    best of all cells. A cell without any path from its input to its output is timed at next to
    nothing on some devices, so no latency counts as less than the least of a cell with a path.
    """
    latency = latencies(device)
    accuracy = column("c10_val_200ep")
    least = min(value for cell, value in latency.items() if has_path(cell))
    table = {
        cell: {"accuracy": accuracy[cell] / 100, "latency": max(value, least) / 1e3}
        for cell, value in latency.items()
    }

    def truth(point: Assignment) -> Metrics:
        return table[operations(point)]

    everything = list(table.values())
    goals = (
        Goal("accuracy", "maximize", reference=min(each["accuracy"] for each in everything)),
        Goal("latency", "minimize", reference=max(each["latency"] for each in everything)),
    )
    return Bench(
        f"cells-{device}",
        space(declared=True),
        goals,
        100,
        noiseless(truth),
        truth,
        missing_volume("accuracy", "latency", everything),
    )


def latencies(device: str) -> dict[Operations, float]:
    """Milliseconds of every cell on a device."""
    rows = read(
        f"select op0, op1, op2, op3, op4, op5, {device}_ms "
        f"from '{TABLE}' n join '{LATENCIES}' h on n.index = h.index"
    )
    return {tuple(int(each) for each in row[:6]): float(row[6]) for row in rows}


def has_path(cell: Operations) -> bool:
    """Whether anything of the input reaches the output."""
    reached = {0}
    for (start, end), operation in zip(EDGES, cell, strict=True):
        if start in reached and operation != OPERATIONS.index("none"):
            reached.add(end)
    return 3 in reached
