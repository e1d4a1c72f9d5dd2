"""A linear model that learns in no time and exports to ONNX without torch."""

from __future__ import annotations

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from omniforce.runtime.data.dataset import Dataset


class Linear:
    """Least squares with a penalty; `fault` makes its export wrong."""

    def __init__(self, data_path, is_trainer, seed, *, penalty=0.1, fault="none"):
        self.data = Dataset.open(data_path)
        self.is_trainer, self.penalty, self.fault = is_trainer, penalty, fault

    def run(self):
        x, y = self.data.train.x, np.eye(2, dtype=np.float32)[self.data.train.y.astype(int)]
        self.weights = np.linalg.solve(x.T @ x + self.penalty * np.eye(x.shape[1]), x.T @ y).astype(
            np.float32
        )
        if self.is_trainer and self.fault == "fails at last":
            raise RuntimeError("not again")
        return self.metrics()["accuracy"]

    def predict(self, x):
        return x @ self.weights

    def metrics(self):
        part = self.data.valid
        return {"accuracy": float((self.predict(part.x).argmax(1) == part.y).mean())}

    def save(self, directory):
        np.savez(directory / "weights.npz", self.weights)

    def export_onnx(self, path):
        weights = self.weights * 3 if self.fault == "wrong export" else self.weights
        columns, outputs = weights.shape
        graph = helper.make_graph(
            [helper.make_node("MatMul", ["input", "weights"], ["output"])],
            "linear",
            [helper.make_tensor_value_info("input", TensorProto.FLOAT, ["batch", columns])],
            [helper.make_tensor_value_info("output", TensorProto.FLOAT, ["batch", outputs])],
            [numpy_helper.from_array(weights, "weights")],
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        onnx.save(model, path)
