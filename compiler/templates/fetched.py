"""What a fetch brings."""

from __future__ import annotations

from collections.abc import Mapping

from omniforce.spec.frozen import dataclass
from omniforce.spec.problem import Problem
from omniforce.spec.templates.reference import redacted


@dataclass(frozen=True, slots=True)
class Fetched:
    """The files of a template, in memory: nothing is written before all has been looked at.

    Attributes:
        files: by their paths below the template's own folder.
        file: the template's document among them.
        revision: what it was fetched as: a commit, the digest of a manifest, a version.
    """

    files: Mapping[str, bytes]
    file: str
    revision: str


def unreachable(reference: str, why: str) -> Problem:
    """Somebody does not answer, or does not give the template."""
    return Problem(
        "OFC364",
        f"`{redacted(reference)[:200]}` cannot be fetched: {redacted(why)[:400]}",
        "check the name, the network and your credentials; what was vendored before is as it was",
    )


def refused(reference: str, why: str) -> Problem:
    """What came is no template, or not the one that was promised."""
    return Problem(
        "OFC365",
        f"what came for `{redacted(reference)[:200]}` is no template: {why[:400]}",
        "nothing of it was written; name another version, or tell who publishes it",
    )
