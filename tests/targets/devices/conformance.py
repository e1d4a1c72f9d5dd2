"""What every device runtime promises; a subclass names the runtime and its precisions."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
from numpy.typing import NDArray

from omniforce.spec.blocks.devices import STATISTICS, Device, MeasureOptions
from omniforce.spec.problem import Problem
from omniforce.targets.devices.device import DeviceRuntime
from omniforce.targets.devices.table import RUNTIMES, runtime

from .conftest import expected

Array = NDArray[np.float32]


class DeviceConformance:
    """Converts, checks and times one small model.

    Attributes:
        device: whose runtime is tested.
    """

    device: ClassVar[Device]

    @property
    def runs(self) -> DeviceRuntime:
        return runtime(self.device)

    def artifact(self, model: Path, x: Array, device: Device) -> Path:
        path = model.with_name("artifact")
        self.runs.convert(model, device, x[:32], path)
        return path

    def test_it_is_in_the_table_under_its_name(self) -> None:
        assert RUNTIMES[self.device.runtime]().name == self.device.runtime

    def test_an_artifact_answers_as_the_model_does(self, model: Path, x: Array) -> None:
        artifact = self.artifact(model, x, self.device)
        found = self.runs.verify(artifact, self.device, x, expected(x))
        assert found.holds
        assert found.rows == len(x)
        assert 0 <= found.error <= found.tolerance

    def test_another_models_answers_do_not_hold(self, model: Path, x: Array) -> None:
        artifact = self.artifact(model, x, self.device)
        wrong = np.roll(expected(x), 1, axis=1)
        assert not self.runs.verify(artifact, self.device, x, wrong).holds

    def test_answers_of_another_shape_or_no_numbers_do_not_hold(
        self, model: Path, x: Array
    ) -> None:
        artifact = self.artifact(model, x, self.device)
        assert not self.runs.verify(artifact, self.device, x, expected(x)[:, :2]).holds
        nothing = x * np.float32("nan")
        assert not self.runs.verify(artifact, self.device, nothing, expected(x)).holds

    def test_a_measurement_is_in_order(self, model: Path, x: Array) -> None:
        artifact = self.artifact(model, x, self.device)
        found = self.runs.measure(artifact, self.device, x)
        assert 0 < found.p50 <= found.p90 <= found.p95 <= found.p99
        assert found.p95_low <= found.p95 <= found.p95_high
        assert found.confidence >= 0.9
        assert found.size == artifact.stat().st_size
        assert found.calls == self.device.measure.repeats
        assert found.throughput == pytest.approx(found.batch / found.mean)
        assert set(found.metrics("server")) == {
            *(f"latency.{name}@server" for name in STATISTICS),
            "size@server",
            "throughput@server",
        }

    def test_batches_are_whole(self, model: Path, x: Array) -> None:
        device = replace(self.device, measure=MeasureOptions(warmup=0, repeats=20, batch=64))
        artifact = self.artifact(model, x, device)
        assert self.runs.measure(artifact, device, x).batch == 64
        with pytest.raises(Problem) as caught:
            self.runs.measure(artifact, device, x[:63])
        assert caught.value.diagnostic.code == "OFC812"

    def test_what_is_no_model_is_a_clear_error(self, tmp_path: Path, x: Array) -> None:
        (tmp_path / "artifact").write_bytes(b"no model")
        with pytest.raises(Problem) as caught:
            self.runs.measure(tmp_path / "artifact", self.device, x)
        assert caught.value.diagnostic.code == "OFC810"
        assert "\n" not in caught.value.diagnostic.message
