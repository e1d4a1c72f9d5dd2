"""NAS-Bench-201's cells as trials: accuracies and training times from its table."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from simulated_cluster import Run

from omniforce.spec.space import Assignment

TABLE = Path(__file__).parents[1] / ".." / "shared/data/nasbench201/nasbench201.parquet"
OPERATIONS = ("none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3")
LONG, SHORT = 200, 12

SPEC = """\
apiVersion: omniforce.dev/v1alpha2
kind: OmniForce
metadata: {{name: cells}}
spec:
  data: {{source: "sklearn://iris", target: species}}
  algorithm: {{estimator: "noop_estimator:Noop", metrics: [accuracy]}}
  searchSpace:
{space}
  objectives: [maximize accuracy]
  search:
    strategy: {strategy}
    seed: {seed}
    budget: {{trials: {trials}}}
    parallelism: {workers}
    trial: {{timeout: 3h, retries: 0}}
"""


@dataclass(frozen=True, slots=True)
class Cells:
    """By cell: validation after 12 and after 200 epochs, test after 200, seconds of 200 epochs."""

    rows: dict[tuple[str, ...], tuple[float, float, float, float]]

    @classmethod
    def read(cls) -> Cells:
        """The whole table; needs duckdb."""
        import duckdb

        columns = "c10_val_12ep, c10_val_200ep, c10_test_200ep, c10_train_time_200ep_s"
        rows = duckdb.sql(
            f"select op0, op1, op2, op3, op4, op5, {columns} from '{TABLE}'"
        ).fetchall()
        return cls({tuple(OPERATIONS[op] for op in row[:6]): row[6:] for row in rows})

    def train(self, point: Assignment) -> Run:
        """What a trial takes and reports; `epochs` is 200 where a point does not say."""
        short, long, _, seconds = self.rows[cell(point)]
        epochs = float(point.get("epochs", LONG))
        accuracy = long if epochs >= LONG else short
        return Run(seconds * epochs / LONG, {"accuracy": accuracy / 100})

    def test(self, point: Assignment) -> float:
        """CIFAR-10 test accuracy after 200 epochs, in percent."""
        return self.rows[cell(point)][2]


def cell(point: Assignment) -> tuple[str, ...]:
    """The six operations of a point."""
    return tuple(str(point[f"op{at}"]) for at in range(6))


def spec(strategy: str, workers: int, trials: int, seed: int, *, epochs: bool) -> str:
    """A study of cells; with `epochs`, a fidelity of 12 or 200 of them."""
    choices = [f"    op{at}: {{{', '.join(OPERATIONS)}}}" for at in range(6)]
    if epochs:
        choices.append(f"    epochs: int {SHORT}...{LONG}")
    return SPEC.format(
        space="\n".join(choices), strategy=strategy, seed=seed, trials=trials, workers=workers
    )
