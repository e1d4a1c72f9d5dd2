"""What an output was made from and what it names, gathered once for every attestation."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, Literal

from omniforce.spec.frozen import dataclass
from omniforce.spec.layers.composed import Used

from ..canonical import content_digest, digest
from ..ir.program import Program, Search

Kind = Literal["spec", "template", "algorithm", "image"]

_IMAGE: Final = re.compile(r"""^\s*(?:- )?["']?image["']?:\s*["']?([^\s"',{}]+)""", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that an output is made from or names.

    Attributes:
        name: as people call it: a path, `vision/classifier@1`, an image's repository.
        version: of an algorithm or an image's tag; empty where it has none.
        sha256: of its content; empty for an image that no digest pins.
    """

    kind: Kind
    name: str
    version: str = ""
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Contents:
    """All that the attestations of an output say.

    Attributes:
        spec: the spec's path in its repository; the first of its sources.
        digest: of the spec's values, `sha256:...`.
        params: as the command line set them.
        settings: `--set path=value`.
        parts: what it is made from, then what it names, each kind sorted by name.
        epoch: seconds since 1970 that stand for now; None where nobody said it.
    """

    study: str
    spec: str
    digest: str
    target: str
    layout: str
    params: tuple[tuple[str, str], ...]
    settings: tuple[str, ...]
    parts: tuple[Part, ...]
    epoch: int | None = None

    def of(self, kind: Kind) -> tuple[Part, ...]:
        """The parts of a kind."""
        return tuple(part for part in self.parts if part.kind == kind)


def contents_of(
    program: Program,
    *,
    target: str,
    layout: str,
    sources: tuple[tuple[str, str], ...],
    params: tuple[tuple[str, str], ...],
    settings: tuple[str, ...],
    templates: Iterable[Used],
    files: Mapping[str, str],
    epoch: int | None,
) -> Contents:
    """The contents of an output.

    Args:
        program: complete.
        target: its name.
        layout: its name, or empty.
        sources: path in the repository and text of each file that was read, the spec first.
        params: as set.
        settings: as set.
        templates: what the spec is made of.
        files: text by path of the output, whose images are named.
        epoch: seconds since 1970 that stand for now.
    """
    brought = {used.name: used.digest for used in templates}
    return Contents(
        study=program.name,
        spec=sources[0][0],
        digest=program.digest,
        target=target,
        layout=layout,
        params=params,
        settings=settings,
        parts=(
            *(Part("spec", name, sha256=_hex(digest(text))) for name, text in sources),
            *(Part("template", name, sha256=_hex(d)) for name, d in sorted(brought.items())),
            *_algorithms(program),
            *_images(files.values()),
        ),
        epoch=epoch,
    )


def _algorithms(program: Program) -> Iterator[Part]:
    for step in program.steps:
        if isinstance(step, Search):
            known = step.algorithm
            digest_ = _hex(content_digest(known))
            yield Part("algorithm", known.name, str(known.version), digest_)


def _images(texts: Iterable[str]) -> list[Part]:
    """Every image that a manifest names: containers, and the executors of a pipeline."""
    found = {image for text in texts for image in _IMAGE.findall(text) if "/" in image}
    return [image_part(image) for image in sorted(found)]


def image_part(image: str) -> Part:
    """An image reference as a part: `repository[:tag][@sha256:...]`."""
    name, _, pinned = image.partition("@sha256:")
    repository, colon, tag = name.rpartition(":")
    if not colon or "/" in tag:
        repository, tag = name, ""
    return Part("image", repository, tag, pinned)


def _hex(digest_: str) -> str:
    return digest_.removeprefix("sha256:")
