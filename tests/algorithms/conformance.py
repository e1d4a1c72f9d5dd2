"""What every algorithm of the library promises, as one class of tests; see `test_classifier.py`."""

from __future__ import annotations

import inspect
import math
import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import onnxruntime
import pytest

from omniforce.runtime.data.dataset import Dataset
from omniforce.runtime.trial.load import load_class
from omniforce.spec.blocks.algorithm import AlgorithmInterface
from omniforce.stdlib_algorithms.catalogue import find
from omniforce.stdlib_algorithms.estimator import Deployable, Estimator

TRIAL = {"data_path", "is_trainer", "seed"}
"""What a trial gives besides the algorithm's own arguments."""


class AlgorithmConformance:
    """A subclass names the algorithm and gives small trials of it.

    Attributes:
        use: as a spec calls it.
        trials: by a name, the data set and the arguments of one that takes a second at most.
        floor: what the score of each must reach.
    """

    use: ClassVar[str]
    trials: ClassVar[Mapping[str, tuple[str, Mapping[str, Any]]]]
    floor: ClassVar[float]

    @pytest.fixture
    def trial(self, request: pytest.FixtureRequest, prepared: dict[str, Path]) -> Any:
        """Makes an estimator of one of the trials; `conftest.py` asks for each."""
        data, arguments = self.trials[request.param]

        def make(seed: int = 3, is_trainer: bool = False, **others: Any) -> Any:
            given = {**arguments, **others}
            return self.make(str(prepared[data]), is_trainer, seed, given)

        return make

    @property
    def interface(self) -> AlgorithmInterface:
        found = find(self.use)
        assert found is not None
        return found

    def make(self, data: str, is_trainer: bool, seed: int, arguments: Mapping[str, Any]) -> Any:
        kind = load_class(self.interface.estimator)
        return kind(data_path=data, is_trainer=is_trainer, seed=seed, **arguments)

    def test_the_description_says_what_the_class_reads(self) -> None:
        parameters = inspect.signature(load_class(self.interface.estimator)).parameters
        own = {name: p.default for name, p in parameters.items() if name not in TRIAL}
        assert {a.name: a.default for a in self.interface.arguments} == own
        for argument in self.interface.arguments:
            assert argument.doc
            assert not argument.values or argument.default in argument.values

    def test_a_trial_learns_and_reports_what_the_description_promises(self, trial: Any) -> None:
        estimator = trial()
        assert isinstance(estimator, Estimator)
        score = estimator.run()
        assert score >= self.floor
        promised = {metric.name for metric in self.interface.metrics}
        metrics = estimator.metrics()
        assert set(metrics) <= promised
        assert all(math.isfinite(value) for value in metrics.values())
        assert score in metrics.values()

    def test_the_same_seed_gives_the_same_model(self, trial: Any) -> None:
        one, two = trial(seed=5), trial(seed=5)
        one.run(), two.run()
        x = one.data.valid.x
        np.testing.assert_array_equal(one.predict(x), two.predict(x))

    def test_only_the_trainer_looks_at_the_rows_kept_back(self, trial: Any) -> None:
        search, trainer = trial(), trial(is_trainer=True)
        search.run(), trainer.run()
        assert not [name for name in search.metrics() if name.startswith("test_")]
        assert [name for name in trainer.metrics() if name.startswith("test_")]

    def test_what_the_space_left_inactive_is_the_default(self, trial: Any) -> None:
        nothing = {a.name: None for a in self.interface.arguments}
        given = trial()
        same = trial(**{n: None for n in nothing if n not in self._given(given)})
        assert given.run() == same.run()

    def _given(self, _: Any) -> set[str]:
        return {name for _, arguments in self.trials.values() for name in arguments}

    def test_onnx_gives_the_models_own_answers(self, trial: Any, tmp_path: Path) -> None:
        estimator = trial()
        estimator.run()
        assert isinstance(estimator, Deployable)
        estimator.export_onnx(tmp_path / "model.onnx")
        session = onnxruntime.InferenceSession(
            str(tmp_path / "model.onnx"), providers=["CPUExecutionProvider"]
        )
        assert [each.name for each in session.get_inputs()] == ["input"]
        assert len(session.get_outputs()) == 1
        for x in (estimator.data.train.x, estimator.data.valid.x[:1]):
            expected = estimator.predict(x)
            found = session.run(None, {"input": x})[0]
            assert found.dtype == expected.dtype == np.float32
            np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)

    def test_exporting_twice_gives_the_same_bytes(self, trial: Any, tmp_path: Path) -> None:
        estimator = trial()
        estimator.run()
        for name in ("one", "two"):
            estimator.export_onnx(tmp_path / name)
        assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()

    def test_a_saved_model_answers_and_exports_as_before(
        self, trial: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(*_: object, **__: object) -> None:
            raise AssertionError("a model is read without unpickling")

        estimator = trial()
        estimator.run()
        estimator.save(tmp_path)
        monkeypatch.setattr(pickle, "load", refuse)
        monkeypatch.setattr(pickle, "loads", refuse)
        loaded = type(estimator).load(tmp_path)
        x = estimator.data.test.x
        np.testing.assert_allclose(loaded.predict(x), estimator.predict(x), rtol=1e-5, atol=1e-5)
        loaded.export_onnx(tmp_path / "again.onnx")
        estimator.export_onnx(tmp_path / "first.onnx")
        assert (tmp_path / "again.onnx").read_bytes() == (tmp_path / "first.onnx").read_bytes()

    def test_the_data_is_not_changed(self, trial: Any) -> None:
        estimator = trial()
        before = Dataset.open(estimator.data_path).digest
        estimator.run()
        assert estimator.data.digest == before
