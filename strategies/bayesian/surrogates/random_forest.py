"""Random forest: many trees, each on a resample of the trials; where they differ, little is known.

For spaces in which what matters changes abruptly: many choices, deep conditions, thresholds. A
tree asks one question of one coordinate at a time, so that nothing need be smooth, and none of it
depends on scales. What is inactive stands below every active value, one question away.

Hutter, Hoos & Leyton-Brown (2011), Sequential model-based optimization for general algorithm
configuration (SMAC).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from sklearn.ensemble import RandomForestRegressor
from torch import Tensor

from ...points.encoding import Labels
from ..parts import Training
from ..rows import Rows

SHARE_OF_COLUMNS = 5 / 6
"""So many of the columns are looked at for each question, as in SMAC."""

LEAST_TO_SPLIT = 3
"""A leaf of two trials stays one: their difference is what its variance is read from."""

FLOOR = 1e-6
"""Of the variance: trees that all agree do not know for certain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RandomForest:
    """Trees on resampled trials.

    Attributes:
        trees: how many; the estimate of the variance wants more of them than the mean does.
    """

    name: ClassVar[str] = "random-forest"
    trees: int = 30

    def fit(self, training: Training) -> Forest:
        """What the trials let one believe."""
        study = training.study
        seed = study.generator(study.next_trial, f"forest/{training.purpose}").getrandbits(31)
        return Forest(training.rows, training.x, training.y, self.trees, seed)


class Forest:
    """Grown trees, and of each leaf the mean and the variance of the trials in it."""

    def __init__(self, rows: Rows, x: Tensor, y: Tensor, trees: int, seed: int) -> None:
        """Grows `trees` trees on figures `y` (n) at rows `x` (n x d)."""
        self.rows, self.x, self.y, self.trees, self.seed = rows, x, y, trees, seed
        forest = RandomForestRegressor(
            trees,
            max_features=SHARE_OF_COLUMNS,
            min_samples_split=LEAST_TO_SPLIT,
            random_state=seed,
        )
        forest.fit(questioned(rows, x), y.numpy())
        self.grown: Sequence[Any] = [each.tree_ for each in forest.estimators_]
        self.means = [torch.from_numpy(tree.value[:, 0, 0].copy()) for tree in self.grown]
        self.variances = [torch.from_numpy(tree.impurity.copy()) for tree in self.grown]

    def moments(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and variance at each row by itself  # n x d -> n, n.

        By the law of total variance: what the leaves hold, and how the trees differ.
        """
        means, variances, _ = self._leaves(rows)
        variance = variances.mean(0) + means.var(0, correction=0)
        return means.mean(0), variance + FLOOR

    def joint(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and covariance of sets of rows  # ... x q x d -> ... x q, ... x q x q.

        Two rows share what a leaf does not know where they are in the same leaf.
        """
        count, width = rows.shape[-2:]
        means, variances, leaves = self._leaves(rows.reshape(-1, width))
        shape = (self.trees, *rows.shape[:-1])
        means, variances, leaves = (each.reshape(shape) for each in (means, variances, leaves))
        centred = (means - means.mean(0)).movedim(0, -1)  # ... x q x trees
        covariance = centred @ centred.mT / self.trees
        for tree, variance in zip(leaves, variances, strict=True):
            together = tree.unsqueeze(-1) == tree.unsqueeze(-2)
            covariance += together * variance.unsqueeze(-1) / self.trees
        return means.mean(0), covariance + FLOOR * torch.eye(count, dtype=rows.dtype)

    def believing(self, rows: Tensor, values: Tensor) -> Forest:
        """The same as if these values had been measured at these rows: grown anew.

        Thirty trees span no more than thirty directions, too few to condition on.
        """
        if not len(rows):
            return self
        x, y = torch.cat([self.x, rows]), torch.cat([self.y, values])
        return Forest(self.rows, x, y, self.trees, self.seed)

    def _leaves(self, rows: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Means, variances and numbers of the leaves that rows come to  # each trees x n."""
        asked = questioned(self.rows, rows)
        leaves = [torch.from_numpy(tree.apply(asked)) for tree in self.grown]
        means = [mean[leaf] for mean, leaf in zip(self.means, leaves, strict=True)]
        variances = [each[leaf] for each, leaf in zip(self.variances, leaves, strict=True)]
        return torch.stack(means), torch.stack(variances).clamp_min(0.0), torch.stack(leaves)


def questioned(rows: Rows, x: Tensor) -> Any:
    """What a tree may ask of rows: places in order, and of unordered choices each label.

    Returns:
        As sklearn's trees read it  # n x columns, 32 bits
    """
    nominal = set(rows.nominal)
    columns = [x[:, [at for at in range(rows.width) if at not in nominal]]]
    for at in rows.nominal:
        axis = rows.encoding.axes[at]
        size = len(axis.values) if isinstance(axis, Labels) else 1
        label = (x[:, at] * size).long()
        label = torch.where(x[:, at] < 0.0, size, label.clamp(0, size - 1))
        columns.append(torch.nn.functional.one_hot(label, size + 1).to(x))
    return torch.cat(columns, dim=-1).detach().to(torch.float32).numpy()
