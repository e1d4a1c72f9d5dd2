"""`ofc.lock`: what an output was made from, and which files it is.

It stands in the output folder and is committed with it. It holds no time and no path of this
machine, so that the same spec gives the same lock.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from omniforce.spec.frozen import dataclass
from omniforce.spec.layers.composed import Used

from .canonical import content_digest, digest
from .ir.program import Program, Search
from .version import VERSION

LOCK = "ofc.lock"
FORMAT_VERSION = "1.0"
PINS = "vendor"
"""The part of a lock beside a spec that says what was vendored; `templates/pins` has its form."""


@dataclass(frozen=True, slots=True)
class Lock:
    """What an output was made from.

    Attributes:
        version: of the tool.
        target: where the files go.
        study: the study's name.
        spec: digest of the spec's values, its parameters set; comments do not count.
        strategy: what `auto` became.
        algorithms: `area/name@1` with the digest of its description.
        images: what runs, by the key in the spec.
        files: relative paths with the digest of their text, sorted.
        templates: what the spec is made of, each with the digest of what it brought.
        layout: how the files lie; empty for one folder with its kustomization.
    """

    version: str
    target: str
    study: str
    spec: str
    strategy: str
    algorithms: tuple[tuple[str, str], ...]
    images: tuple[tuple[str, str], ...]
    files: tuple[tuple[str, str], ...]
    templates: tuple[tuple[str, str], ...] = ()
    layout: str = ""

    def differences(self, other: Lock) -> tuple[str, ...]:
        """What is not the same in `other`, in the words of a message."""
        found = [
            f"{what}: {getattr(self, what)} became {getattr(other, what)}"
            for what in ("version", "target", "study", "spec", "strategy", "layout")
            if getattr(self, what) != getattr(other, what)
        ]
        for what in ("templates", "algorithms", "images", "files"):
            mine, theirs = dict(getattr(self, what)), dict(getattr(other, what))
            found += [f"{what}: {n} is new" for n in sorted(theirs.keys() - mine.keys())]
            found += [f"{what}: {n} is gone" for n in sorted(mine.keys() - theirs.keys())]
            both = sorted(mine.keys() & theirs.keys())
            found += [f"{what}: {n} changed" for n in both if mine[n] != theirs[n]]
        return tuple(found)


class BrokenLock(Exception):  # noqa: N818
    """A text that is no lock, or one of a newer version."""


def lock_of(
    program: Program,
    target: str,
    files: Mapping[str, str],
    templates: Iterable[Used] = (),
    layout: str = "",
) -> Lock:
    """The lock of an output.

    Args:
        program: complete.
        target: its name.
        files: text by relative path.
        templates: what the spec is made of.
        layout: how the files lie.
    """
    search = next(s for s in program.steps if isinstance(s, Search))
    algorithm = search.algorithm
    images = program.platform.kubernetes.images
    return Lock(
        version=VERSION,
        target=target,
        study=program.name,
        spec=program.digest,
        strategy=search.strategy.name,
        algorithms=((f"{algorithm.name}@{algorithm.version}", content_digest(algorithm)),),
        images=(("functions", images.functions), ("trial", algorithm.image or images.trial)),
        files=tuple((path, digest(text)) for path, text in sorted(files.items())),
        templates=tuple(sorted({(used.name, used.digest) for used in templates})),
        layout=layout,
    )


def write_lock(lock: Lock, before: str | None = None) -> str:
    """The lock as text: JSON, a line a fact, so that a diff shows what changed.

    Args:
        lock: of an output.
        before: what stood there; its pins stay, where the output's folder is the spec's own.
    """
    plain: dict[str, object] = {
        "formatVersion": FORMAT_VERSION,
        "ofc": lock.version,
        "target": lock.target,
        "study": lock.study,
        "spec": lock.spec,
        "strategy": lock.strategy,
        "algorithms": dict(lock.algorithms),
        "images": dict(lock.images),
        "files": dict(lock.files),
    }
    if lock.layout:
        plain["layout"] = lock.layout
    if lock.templates:
        plain["templates"] = dict(lock.templates)
    if pins := _plain(before).get(PINS):
        plain[PINS] = pins
    return json.dumps(plain, indent=2, ensure_ascii=False) + "\n"


def has_only_pins(text: str) -> bool:
    """Whether a lock says nothing of an output: `ofc vendor` made it."""
    return _plain(text).keys() == {"formatVersion", PINS}


def _plain(text: str | None) -> dict[str, object]:
    try:
        plain = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return {}
    return plain if isinstance(plain, dict) else {}


def read_lock(text: str) -> Lock:
    """The lock in a text.

    Raises:
        BrokenLock: it is none.
    """
    try:
        plain = json.loads(text)
        if plain["formatVersion"].partition(".")[0] != FORMAT_VERSION.partition(".")[0]:
            raise BrokenLock(f"format {plain['formatVersion']}")
        return Lock(
            version=_text(plain["ofc"]),
            target=_text(plain["target"]),
            study=_text(plain["study"]),
            spec=_text(plain["spec"]),
            strategy=_text(plain["strategy"]),
            algorithms=_pairs(plain["algorithms"]),
            images=_pairs(plain["images"]),
            files=_pairs(plain["files"]),
            templates=_pairs(plain.get("templates", {})),
            layout=_text(plain.get("layout", "")),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as fault:
        raise BrokenLock(str(fault)) from fault


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value


def _pairs(value: object) -> tuple[tuple[str, str], ...]:
    if not isinstance(value, dict):
        raise TypeError(f"{value!r} is no object")
    return tuple((_text(k), _text(v)) for k, v in value.items())
