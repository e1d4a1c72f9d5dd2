"""The learner of tables."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest

from omniforce.spec.problem import Problem
from omniforce.stdlib_algorithms.tabular.learner.estimator import Learner

from .conformance import AlgorithmConformance

BOOSTING = {"family": "boosting", "trees": 30, "learning_rate": 0.1}
MLP = {"family": "mlp", "epochs": 30, "width": 16, "learning_rate": 0.01}


class TestLearner(AlgorithmConformance):
    use = "tabular/learner@1"
    floor = 0.2
    trials: ClassVar = {
        "boosting-regression": ("diabetes", BOOSTING),
        "boosting-two-classes": ("breast_cancer", BOOSTING),
        "boosting-three-classes": ("wine", BOOSTING),
        "mlp-regression": ("diabetes", MLP),
        "mlp-two-classes": ("breast_cancer", MLP),
        "mlp-three-classes": ("wine", MLP),
    }


def test_a_regression_reports_errors_in_the_targets_own_unit(prepared: dict[str, Path]) -> None:
    learner = Learner(str(prepared["diabetes"]), False, 0, trees=20)
    learner.run()
    valid = learner.data.valid
    error = learner.predict(valid.x)[:, 0] - valid.y
    assert learner.metrics()["rmse"] == pytest.approx(float(np.sqrt(np.mean(error**2))), rel=1e-5)
    assert learner.metrics()["r2"] == pytest.approx(
        1 - float(np.mean(error**2) / np.var(valid.y)), abs=1e-4
    )


def test_images_are_refused(prepared: dict[str, Path]) -> None:
    with pytest.raises(Problem, match="learns from columns") as caught:
        Learner(str(prepared["digits"]), False, 0)
    assert caught.value.diagnostic.code == "OFC801"
