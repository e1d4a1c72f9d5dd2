"""The algorithms of the library, by name: `<area>/<name>/algorithm.yaml`, read when asked for.

Compiling a spec calls this, so it imports nothing but the language's own readers.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from omniforce.spec.blocks.algorithm import AlgorithmInterface
from omniforce.spec.nodes import MappingNode
from omniforce.spec.readers import Block, Invalid, Reading
from omniforce.spec.source import Source
from omniforce.spec.yaml.reader import read_yaml

ROOT = Path(__file__).parent
FILE = "algorithm.yaml"


class BrokenDescription(Exception):  # noqa: N818 - what it is
    """An `algorithm.yaml` of the library itself does not read; a test reads them all."""


@cache
def find(reference: str) -> AlgorithmInterface | None:
    """The interface of `area/name@1`, or None where there is none of that name and version."""
    name, _, version = reference.partition("@")
    path = ROOT.joinpath(*name.split("/"), FILE)
    if name.count("/") != 1 or not path.is_file():
        return None
    interface = _read(path)
    return interface if str(interface.version) == version else None


@cache
def names() -> tuple[str, ...]:
    """All references that `find` knows, sorted."""
    found = (_read(path) for path in ROOT.glob(f"*/*/{FILE}"))
    return tuple(sorted(f"{interface.name}@{interface.version}" for interface in found))


def _read(path: Path) -> AlgorithmInterface:
    """One description.

    Raises:
        BrokenDescription: it is not as the language wants it, or its folder has another name.
    """
    node, faults = read_yaml(Source(str(path), path.read_text(encoding="utf-8")))
    if faults or not isinstance(node, MappingNode):
        raise BrokenDescription(f"{path}: {faults[0].message if faults else 'no mapping'}")
    reading = Reading()
    interface = Block(AlgorithmInterface).read(node, (), reading)
    if isinstance(interface, Invalid) or reading.found:
        raise BrokenDescription(f"{path}: {reading.found[0].message}")
    if ROOT.joinpath(*interface.name.split("/")) != path.parent:
        raise BrokenDescription(f"{path}: it calls itself `{interface.name}`")
    return interface
