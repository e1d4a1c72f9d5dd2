"""Which algorithms the library has: every `<area>/<name>/algorithm.yaml` below this folder."""

from __future__ import annotations

import os

from omniforce.spec.blocks.algorithm import AlgorithmInterface
from omniforce.spec.diagnostic import Diagnostic
from omniforce.spec.read_source import read_source
from omniforce.spec.readers import Block, Invalid, Reading
from omniforce.spec.yaml_reader import read_yaml

FOLDER = os.path.dirname(__file__)
DESCRIPTION = "algorithm.yaml"


class BrokenDescription(Exception):  # noqa: N818 - a fault of the library, never of a spec
    """An `algorithm.yaml` that does not say what it must."""


def find(use: str) -> AlgorithmInterface | None:
    """The description of `area/name@1`, or None where the library has no such version.

    Raises:
        BrokenDescription: it is there, and cannot be read.
    """
    name, _, version = use.partition("@")
    area, _, short = name.partition("/")
    path = os.path.join(FOLDER, area, short, DESCRIPTION)
    if not (area.isidentifier() and short.isidentifier() and os.path.isfile(path)):
        return None
    found = _read(path)
    return found if str(found.version) == version else None


def names() -> tuple[str, ...]:
    """All that may stand after `use:`, sorted; reads every description."""
    paths = (
        os.path.join(FOLDER, area, name, DESCRIPTION)
        for area in os.listdir(FOLDER)
        if os.path.isdir(os.path.join(FOLDER, area))
        for name in os.listdir(os.path.join(FOLDER, area))
    )
    found = (_read(path) for path in paths if os.path.isfile(path))
    return tuple(sorted(f"{each.name}@{each.version}" for each in found))


def _read(path: str) -> AlgorithmInterface:
    source = read_source(path)
    if isinstance(source, Diagnostic):
        raise BrokenDescription(source.message)
    node, faults = read_yaml(source)
    reading = Reading()
    found = Block(AlgorithmInterface).read(node, (), reading) if node is not None else None
    if found is None or isinstance(found, Invalid):
        listed = "; ".join(d.message for d in (*faults, *reading.found))
        raise BrokenDescription(f"{path}: {listed}")
    return found
