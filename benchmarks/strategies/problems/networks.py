"""HPOLib's tables of small fully connected networks: four tasks, choices and ordinals mixed."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from omniforce.spec.space import Assignment, Choice, Coordinate, Space
from omniforce.strategies.protocol import Goal

from ..bench import Bench, Metrics, noiseless, regret
from .stored import DATA, read

TASKS = ("protein_structure", "slice_localization", "naval_propulsion", "parkinsons_telemonitoring")
NAMES = (
    "activation_fn_1", "activation_fn_2", "batch_size", "dropout_1", "dropout_2", "init_lr",
    "lr_schedule", "n_units_1", "n_units_2",
)  # fmt: skip
LOSS = "(val_loss_s0 + val_loss_s1 + val_loss_s2 + val_loss_s3) / 4"


def network(task: str, trials: int = 100) -> Bench:
    """Mean validation error over the four seeds of a configuration.

    Lost is the regret as a share of the gap between the median of the table and its best.
    """
    rows = read(f"select {', '.join(NAMES)}, {LOSS} from '{DATA}/hpolib_fcnet/{task}.parquet'")
    table = {row[:-1]: float(row[-1]) for row in rows}
    values = [tuple(sorted({key[at] for key in table})) for at in range(len(NAMES))]
    coordinates = tuple(
        Coordinate(name, (), Choice(each, ordered=not isinstance(each[0], str)))
        for name, each in zip(NAMES, values, strict=True)
    )
    losses = sorted(table.values())
    best, median = losses[0], losses[len(losses) // 2]

    def truth(point: Assignment) -> Metrics:
        return {"loss": table[tuple(point[name] for name in NAMES)]}

    return Bench(
        name(task),
        Space(coordinates),
        (Goal("loss", "minimize"),),
        trials,
        noiseless(truth),
        truth,
        regret("loss", best, median - best),
    )


def name(task: str) -> str:
    """`network-protein`, of `protein_structure`."""
    return f"network-{task.partition('_')[0]}"


NETWORKS: dict[str, Callable[[], Bench]] = {name(task): partial(network, task) for task in TASKS}
