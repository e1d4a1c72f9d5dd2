"""An ONNX model as KServe's server wants one."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import kserve
import numpy as np
from kserve.errors import InvalidInput

from omniforce.targets.devices.onnx.session import open_session

if TYPE_CHECKING:
    from numpy.typing import NDArray

DATATYPES = {
    "tensor(float)": "FP32",
    "tensor(float16)": "FP16",
    "tensor(double)": "FP64",
    "tensor(int32)": "INT32",
    "tensor(int64)": "INT64",
    "tensor(uint8)": "UINT8",
    "tensor(bool)": "BOOL",
}
"""What ONNX Runtime calls a type, and what the Open Inference Protocol calls it."""


class OnnxModel(kserve.Model):  # type: ignore[misc] # kserve has no types
    """Answers requests of both of KServe's protocols with an ONNX Runtime session."""

    def __init__(self, name: str, path: Path, threads: int) -> None:
        super().__init__(name)
        self.path = path
        self.threads = threads

    def load(self) -> bool:
        """Opens the session; from here on the server is ready."""
        self.session = open_session(self.path, self.threads)
        self.input = self.session.get_inputs()[0]
        self.ready = True
        return True

    def get_input_types(self) -> list[dict[str, object]]:
        """The inputs as `/v2/models/{name}` shows them."""
        return [_tensor(each) for each in self.session.get_inputs()]

    def get_output_types(self) -> list[dict[str, object]]:
        """The outputs, likewise."""
        return [_tensor(each) for each in self.session.get_outputs()]

    async def predict(  # pyright: ignore[reportIncompatibleMethodOverride] - KServe awaits it
        self, payload: Any, headers: dict[str, str] | None = None
    ) -> Any:
        """Answers one request, beside the event loop so that it can take others meanwhile."""
        if isinstance(payload, dict):
            outputs = await self._run(_array(payload.get("instances"), self._type()))
            return {"predictions": next(iter(outputs.values())).tolist()}
        if not isinstance(payload, kserve.InferRequest):
            raise InvalidInput(
                "the request is no JSON; say so with `Content-Type: application/json`"
            )
        outputs = await self._run(self._asked(payload))
        tensors = [_output(name, array) for name, array in outputs.items()]
        return kserve.InferResponse(
            # KServe refuses its own answer without an id, which a request need not have.
            response_id=payload.id or str(uuid4()),
            model_name=self.name,
            infer_outputs=tensors,
        )

    def _asked(self, request: kserve.InferRequest) -> NDArray[Any]:
        """The one input of a v2 request."""
        names = [each.name for each in request.inputs]
        if names != [self.input.name]:
            raise InvalidInput(f"expected one input `{self.input.name}`, got {names}")
        given = request.inputs[0]
        wanted = DATATYPES.get(self.input.type)
        if given.datatype != wanted:
            raise InvalidInput(
                f"input `{given.name}` is {given.datatype}, the model takes {wanted}"
            )
        try:
            return np.asarray(given.as_numpy())
        except (ValueError, TypeError) as error:
            raise InvalidInput(f"input `{given.name}` is not of its shape: {error}") from error

    async def _run(self, x: NDArray[Any]) -> dict[str, NDArray[Any]]:
        row = self.input.shape[1:]
        if x.ndim != len(self.input.shape) or list(x.shape[1:]) != row or not len(x):
            wanted = ["n", *row]
            raise InvalidInput(f"the input has the shape {list(x.shape)}, the model takes {wanted}")
        names = [output.name for output in self.session.get_outputs()]
        found: Any = await asyncio.to_thread(self.session.run, names, {self.input.name: x})
        return dict(zip(names, found, strict=True))

    def _type(self) -> str:
        return {"tensor(float)": "float32", "tensor(double)": "float64"}.get(
            self.input.type, "float32"
        )


def _tensor(facts: Any) -> dict[str, object]:
    shape = [size if isinstance(size, int) else -1 for size in facts.shape]
    return {"name": facts.name, "datatype": DATATYPES[facts.type], "shape": shape}


def _output(name: str, array: NDArray[Any]) -> kserve.InferOutput:
    datatype = {"float32": "FP32", "float64": "FP64", "int64": "INT64"}[array.dtype.name]
    tensor = kserve.InferOutput(name=name, shape=list(array.shape), datatype=datatype)
    tensor.set_data_from_numpy(array, binary_data=False)
    return tensor


def _array(instances: object, dtype: str) -> NDArray[Any]:
    """The rows of a v1 request."""
    try:
        return np.asarray(instances, dtype=dtype)
    except (ValueError, TypeError) as error:
        raise InvalidInput(f"`instances` are not rows of numbers: {error}") from error
