"""What a cluster costs: a small table in a file of its own, beside the specs that it is for.

cpuHour: 0.04                # US dollars for one core for an hour
memoryHour: 0.005            # for one GiB for an hour
gpuHour: {l4: 0.71}          # for one GPU for an hour, by type
devices:                     # other prices for what runs for one device of the spec
  jetson: {cpuHour: 0.10}
"""

from __future__ import annotations

from dataclasses import replace

from omniforce.spec.diagnostic import Diagnostic
from omniforce.spec.frozen import dataclass
from omniforce.spec.read_source import read_source
from omniforce.spec.readers import Block, Invalid, MapOf, Number, Reading, Text, key
from omniforce.spec.source import Path, Source, Span
from omniforce.spec.yaml.reader import read_yaml

HOUR = 3600.0
GIB = 2.0**30

_MONEY = Number(float, minimum=0.0, maximum=1e6)


@dataclass(frozen=True, slots=True)
class DevicePrices:
    """What differs for one device; what is not written is as everywhere."""

    cpu_hour: float | None = key(_MONEY, "One core for an hour.", None)
    memory_hour: float | None = key(_MONEY, "One GiB for an hour.", None)
    gpu_hour: float | None = key(_MONEY, "One GPU for an hour.", None)


@dataclass(frozen=True, slots=True)
class PriceTable:
    """Prices in US dollars."""

    cpu_hour: float = key(_MONEY, "One core for an hour.", example=0.04)
    memory_hour: float = key(_MONEY, "One GiB for an hour.", example=0.005)
    gpu_hour: tuple[tuple[str, float], ...] = key(
        MapOf(_MONEY, r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}", "a type of GPU"),
        "One GPU for an hour, by type.",
        (),
    )
    gpu: str | None = key(Text("a type of GPU"), "The type that trials get.", None)
    devices: tuple[tuple[str, DevicePrices], ...] = key(
        MapOf(Block(DevicePrices)), "Other prices for a device of the spec.", ()
    )


@dataclass(frozen=True, slots=True)
class Prices:
    """A price table, with its place.

    Attributes:
        gpu_hour: of the type that trials get; None where no type is priced.
    """

    table: PriceTable
    gpu_hour: float | None
    span: Span | None

    def usd(
        self, seconds: float, cpu: float, memory: int, gpu: int = 0, device: str = ""
    ) -> float | None:
        """What so much costs for so long; None where a GPU is used that has no price.

        Args:
            seconds: how long.
            cpu: cores.
            memory: bytes.
            gpu: whole devices.
            device: of the spec, for which it runs.
        """
        other = dict(self.table.devices).get(device, DevicePrices())
        cores = self.table.cpu_hour if other.cpu_hour is None else other.cpu_hour
        gibs = self.table.memory_hour if other.memory_hour is None else other.memory_hour
        each = self.gpu_hour if other.gpu_hour is None else other.gpu_hour
        if gpu and each is None:
            return None
        return seconds / HOUR * (cpu * cores + memory / GIB * gibs + gpu * (each or 0.0))


def read_prices(path: str) -> tuple[Prices | None, tuple[Diagnostic, ...], tuple[Source, ...]]:
    """The table in a file, what is wrong with it, and the file for messages."""
    source = read_source(path)
    if isinstance(source, Diagnostic):
        return None, (source,), ()
    document, found = read_yaml(source)
    if document is None:
        way = "write the prices, as in `cpuHour: 0.04`"
        empty = (replace(d, help=way) if d.code == "OFC010" else d for d in found)
        return None, tuple(empty), (source,)
    reading = Reading()
    table = reading.read(Block(PriceTable), document, ())
    wrong = (*found, *reading.found)
    if isinstance(table, Invalid):
        return None, wrong, (source,)
    price, faults = _of_gpu(table, reading)
    wrong = (*wrong, *faults)
    prices = Prices(table, price, document.span)
    return (None if any(d.is_error for d in wrong) else prices), wrong, (source,)


def _of_gpu(table: PriceTable, reading: Reading) -> tuple[float | None, tuple[Diagnostic, ...]]:
    prices = dict(table.gpu_hour)
    if table.gpu is not None and table.gpu not in prices:
        names = ", ".join(f"`{n}`" for n in prices) or "none"
        return None, (
            Diagnostic(
                "OFC650",
                f"`{table.gpu}` is the GPU of trials and has no price",
                _at(reading, "gpu"),
                "no price for it",
                f"add `{table.gpu}: 0.71` to `gpuHour`, which has {names}",
            ),
        )
    if table.gpu is None and len(prices) > 1:
        first = next(iter(prices))
        return None, (
            Diagnostic(
                "OFC650",
                "several types of GPU have a price, and nothing says which one trials get",
                _at(reading, "gpuHour"),
                f"{len(prices)} types",
                f"add `gpu: {first}`",
            ),
        )
    return prices.get(table.gpu or next(iter(prices), "")), ()


def _at(reading: Reading, name: str) -> Span | None:
    path: Path = (name,)
    return reading.spans.get(path)
