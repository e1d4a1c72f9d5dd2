"""The image classifier."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import pytest

from omniforce.runtime.trial.execute import NotANumber
from omniforce.spec.problem import Problem
from omniforce.stdlib_algorithms.vision.classifier.estimator import Classifier
from omniforce.stdlib_algorithms.vision.classifier.networks import Cnn, Mlp

from .conformance import AlgorithmConformance

EPOCHS = {"epochs": 4}


class TestClassifier(AlgorithmConformance):
    use = "vision/classifier@1"
    floor = 0.8
    trials: ClassVar = {
        "mlp": ("digits", {"family": "mlp", "width": 48, "dropout": 0.1, **EPOCHS}),
        "cnn": ("digits", {"family": "cnn", "channels": 8, **EPOCHS}),
        "cnn-array": (
            "digits",
            {"family": "cnn", "channels": [8, 16, 16, 16], "learning_rate": 0.01, **EPOCHS},
        ),
    }


def test_channels_are_of_each_block_or_of_all(prepared: dict[str, Path]) -> None:
    data = str(prepared["digits"])
    one = Classifier(data, False, 0, blocks=3, channels=8)
    each = Classifier(data, False, 0, blocks=3, channels=[8, 16, 4])
    inactive = Classifier(data, False, 0, blocks=2, channels=[8, 16, None])
    perceptron = Classifier(data, False, 0, family="mlp", layers=1, width=9)
    assert one.architecture == Cnn(channels=(8, 8, 8), kernel=3)
    assert each.architecture == Cnn(channels=(8, 16, 4), kernel=3)
    assert inactive.architecture == Cnn(channels=(8, 16), kernel=3)
    assert perceptron.architecture == Mlp(layers=1, width=9, dropout=0.0)


def test_an_unknown_argument_is_named(prepared: dict[str, Path]) -> None:
    with pytest.raises(TypeError, match="depth"):
        Classifier(str(prepared["digits"]), False, 0, depth=3)  # type: ignore[call-arg]


def test_a_training_that_leaves_the_numbers_ends_at_once(prepared: dict[str, Path]) -> None:
    classifier = Classifier(
        str(prepared["digits"]), False, 0, family="mlp", learning_rate=1e30, epochs=50
    )
    with pytest.raises(NotANumber, match="in epoch"):
        classifier.run()


@pytest.mark.parametrize(
    ("data", "message"), [("diabetes", "the target is a number"), ("wine", "a row has 13 columns")]
)
def test_data_that_does_not_fit_is_refused(
    prepared: dict[str, Path], data: str, message: str
) -> None:
    with pytest.raises(Problem, match=message) as caught:
        Classifier(str(prepared[data]), False, 0)
    assert caught.value.diagnostic.code == "OFC801"
