"""ONNX Runtime on the CPU, in three precisions."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Literal

import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray

from omniforce.spec.blocks.devices import Device, MeasureOptions
from omniforce.spec.problem import Problem
from omniforce.targets.devices.table import runtime

from .conformance import DeviceConformance

Array = NDArray[np.float32]


def device(precision: Literal["fp32", "fp16", "int8"], threads: int = 1) -> Device:
    return Device(
        runtime="onnx",
        precision=precision,
        threads=threads,
        measure=MeasureOptions(warmup=3, repeats=100),
        name="server",
    )


class TestFp32(DeviceConformance):
    device: ClassVar = device("fp32")


class TestFp32OnTwoThreads(DeviceConformance):
    device: ClassVar = device("fp32", threads=2)


class TestFp16(DeviceConformance):
    device: ClassVar = device("fp16")


class TestInt8(DeviceConformance):
    device: ClassVar = device("int8")


def test_fp32_is_the_exported_model_itself(model: Path, x: Array) -> None:
    artifact = model.with_name("artifact")
    runtime(device("fp32")).convert(model, device("fp32"), x, artifact)
    assert artifact.read_bytes() == model.read_bytes()


def test_fp16_really_halves_the_weights(model: Path, x: Array) -> None:
    artifact = model.with_name("artifact")
    runtime(device("fp16")).convert(model, device("fp16"), x, artifact)
    weights = onnx.load(artifact).graph.initializer
    assert {weight.data_type for weight in weights} == {onnx.TensorProto.FLOAT16}
    assert artifact.stat().st_size < model.stat().st_size


def test_int8_really_computes_in_int8(model: Path, x: Array) -> None:
    artifact = model.with_name("artifact")
    runtime(device("int8")).convert(model, device("int8"), x, artifact)
    graph = onnx.load(artifact).graph
    assert {"QuantizeLinear", "DequantizeLinear"} <= {node.op_type for node in graph.node}
    assert onnx.TensorProto.INT8 in {weight.data_type for weight in graph.initializer}


@pytest.mark.parametrize("precision", ["fp32", "fp16", "int8"])
def test_input_and_output_stay_float32(
    model: Path, x: Array, precision: Literal["fp32", "fp16", "int8"]
) -> None:
    artifact = model.with_name("artifact")
    runtime(device(precision)).convert(model, device(precision), x, artifact)
    session = onnxruntime.InferenceSession(str(artifact), providers=["CPUExecutionProvider"])
    types = [each.type for each in (*session.get_inputs(), *session.get_outputs())]
    assert types == ["tensor(float)", "tensor(float)"]


@pytest.mark.parametrize("precision", ["fp16", "int8"])
def test_a_model_that_cannot_be_rounded_is_refused_and_not_renamed(
    trees: Path, x: Array, precision: Literal["fp16", "int8"]
) -> None:
    artifact = trees.with_name("artifact")
    with pytest.raises(Problem) as caught:
        runtime(device(precision)).convert(trees, device(precision), x, artifact)
    assert caught.value.diagnostic.code == "OFC811"
    assert f"cannot be had in {precision}" in caught.value.diagnostic.message
    assert not artifact.exists()
