"""What networks of the library tell while they learn, and that they listen."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from omniforce.stdlib_algorithms import training
from omniforce.stdlib_algorithms.tabular.learner.estimator import Learner
from omniforce.stdlib_algorithms.vision.classifier.estimator import Classifier

Told = list[tuple[int, dict[str, float]]]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    """What is reported; from the third epoch on the trial is told to end."""
    found: Told = []

    def report(epoch: int, metrics: Mapping[str, float]) -> None:
        found.append((epoch, dict(metrics)))

    monkeypatch.setattr(training, "report", report)
    monkeypatch.setattr(training, "should_stop", lambda: len(found) == 3)
    return found


def test_a_classifier_tells_its_accuracy_and_ends_when_it_is_told_to(
    prepared: dict[str, Path], told: Told
) -> None:
    classifier = Classifier(str(prepared["digits"]), False, 0, family="mlp", epochs=9)
    classifier.train()
    assert [(epoch, sorted(metrics)) for epoch, metrics in told] == [
        (epoch, ["accuracy", "loss"]) for epoch in range(3)
    ]
    assert told[-1][1]["accuracy"] == classifier.calculate_score()


def test_a_perceptron_tells_the_figures_of_a_regression(
    prepared: dict[str, Path], told: Told
) -> None:
    learner = Learner(str(prepared["diabetes"]), False, 0, family="mlp", epochs=9)
    learner.train()
    assert sorted(told[-1][1]) == ["loss", "r2", "rmse"]
    assert told[-1][1]["rmse"] == pytest.approx(learner.metrics()["rmse"])
    assert len(told) == 3
