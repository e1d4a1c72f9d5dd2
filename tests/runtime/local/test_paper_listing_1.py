"""The paper's Listing 1, character by character, with a model and data to make it run."""

from __future__ import annotations

from pathlib import Path

import pytest

from omniforce.runtime.trial.contract import TrialRequest
from omniforce.runtime.trial.execute import execute
from omniforce.spec.blocks.algorithm import AlgorithmInterface

LISTING_1 = '''
from omnitools import estimator

class YourEstimator( metaclass= ABCMeta ):
    """ This is the abstract base class for OmniForce task estimators. """
    @estimator.wrap
    def __init__(
        self ,
        run_epochs: int ,
        data_path: str ,
        is_trainer: bool ,
        **model_args , # Parameters customized for your algorithm.
    ) -> None:

        self.model = YourModel(**model_args)

    @abstractmethod
    @estimator.wrap
    def calculate_score(self) -> float:
        """ Compute scores to evaluate search models. """
        return val_score

    def run(self) -> float:
        """ Omniforce triggers the training process through this function. """
        # train
        self.train(self.train_loader, self.run_epochs)
        # test
        val_score = self.calculate_score(self.valid_loader)
        # save models
        if self.is_trainer:
            self.save(self.save_dir)
        return val_score
'''

BEFORE = """
from abc import ABCMeta, abstractmethod

class YourModel:
    def __init__(self, width, rate):
        self.width, self.rate, self.seen = width, rate, 0
"""

AFTER = """
class Mine(YourEstimator):
    train_loader, valid_loader = (1, 2, 3), (4, 5)

    def train(self, loader, epochs):
        self.model.seen = epochs * len(loader)

    @estimator.wrap
    def calculate_score(self, loader):
        return self.model.rate * self.model.seen + len(loader) / 10

    def save(self, directory):
        (directory / "model.txt").write_text(f"{self.data_path} {self.model.width}")
"""


def request(tmp_path: Path, module: str, *, is_trainer: bool) -> TrialRequest:
    model = tmp_path / "model"
    model.mkdir(exist_ok=True)
    return TrialRequest(
        study="s",
        trial=0,
        arguments={"run_epochs": 2, "width": 8, "rate": 0.1},
        algorithm=AlgorithmInterface("custom/mine", 0, f"{module}:Mine"),
        data="/data",
        metrics=("accuracy",),
        model_dir=str(model),
        timeout=5.0,
        is_trainer=is_trainer,
    )


def test_listing_1_as_it_is_printed_is_a_trial(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "listing_1.py").write_text(BEFORE + LISTING_1 + AFTER)
    monkeypatch.syspath_prepend(str(tmp_path))
    said = execute(request(tmp_path, "listing_1", is_trainer=False))
    assert (said.message, said.metrics) == (
        "",
        {"score": pytest.approx(0.8), "accuracy": pytest.approx(0.8)},
    )
    assert list((tmp_path / "model").iterdir()) == []


def test_listing_1_saves_the_chosen_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "listing_1b.py").write_text(BEFORE + LISTING_1 + AFTER)
    monkeypatch.syspath_prepend(str(tmp_path))
    said = execute(request(tmp_path, "listing_1b", is_trainer=True))
    assert said.message == ""
    assert (tmp_path / "model" / "estimator" / "model.txt").read_text() == "/data 8"
