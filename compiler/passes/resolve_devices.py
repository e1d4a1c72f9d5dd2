"""Hold each device against what the algorithm's models convert to.

    convert(device={runtime: tensorrt})  algorithm exports {onnx}  =>  unchanged: it reads ONNX
    convert(device={runtime: onnx})      algorithm exports {}      =>  error at the device

Needs resolved algorithms. Promises that each device's runtime can begin from a format that the
algorithm exports; whether its converter stands on the target is the target's to say.
"""

from __future__ import annotations

from collections.abc import Iterator

from omniforce.spec.diagnostic import Diagnostic
from omniforce.spec.frozen import dataclass

from ..ir.program import Program, Search
from .context import Context, Outcome

READS: dict[str, tuple[str, ...]] = {
    "onnx": ("onnx",),
    "openvino": ("onnx",),
    "tvm": ("onnx",),
    "tensorrt": ("onnx",),
}
"""The formats that each runtime's converter begins from."""


@dataclass(frozen=True, slots=True)
class ResolveDevices:
    """Refuses devices that no model of the algorithm can reach."""

    name: str = "resolve-devices"

    def run(self, program: Program, context: Context) -> Outcome:
        """The program as it was."""
        return Outcome(program, tuple(self._unreachable(program, context)))

    def _unreachable(self, program: Program, context: Context) -> Iterator[Diagnostic]:
        for search in (s for s in program.steps if isinstance(s, Search)):
            exports = search.algorithm.exports
            for device in search.devices:
                reads = READS[device.runtime]
                if search.algorithm.estimator and not set(reads) & set(exports):
                    yield Diagnostic(
                        "OFC327",
                        f"the models of `{search.algorithm.name}` do not convert to what "
                        f"`{device.runtime}` reads",
                        context.at("spec", "devices", device.name, "runtime"),
                        f"reads {', '.join(reads)}",
                        f"it exports {', '.join(exports) or 'nothing'}: remove the device, "
                        "or take another algorithm",
                    )
