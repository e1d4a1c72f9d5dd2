"""What is written otherwise since a version, as data."""

from __future__ import annotations

from typing import Final

from ..frozen import dataclass

GROUP: Final = "omniforce.dev/"
VERSIONS: Final = ("omniforce.dev/v1alpha1", "omniforce.dev/v1alpha2")
"""Those that can be read, the oldest first."""
LATEST: Final = VERSIONS[-1]

ANY: Final = "*"
"""A step of a path that stands for any name, such as that of a device."""


@dataclass(frozen=True, slots=True)
class Change:
    """A key that has another name, and perhaps other values.

    Attributes:
        path: where it stood, below `spec` or the body of a template.
        key: what it is called now, in the same mapping.
        why: in a few words, for the page of the version.
        values: what its values are called now, by how they were written.
    """

    path: tuple[str, ...]
    key: str
    why: str
    values: tuple[tuple[str, str], ...] = ()

    def value(self, written: str) -> str:
        """What a value is called now."""
        return dict(self.values).get(written, written)


@dataclass(frozen=True, slots=True)
class Version:
    """What one version changed.

    Attributes:
        since: the version.
        until: the day after which the first release no longer reads what came before it.
    """

    since: str
    until: str
    changes: tuple[Change, ...]


HISTORY: Final = (
    Version(
        since="omniforce.dev/v1alpha2",
        until="2027-06-01",
        changes=(
            Change(
                path=("deployment", "log"),
                key="logger",
                why="KServe's word; its modes `request` and `response` can be had as well",
                values=(("true", "all"), ("false", "none")),
            ),
            Change(
                path=("platform", "kubernetes", "models", "access"),
                key="accessMode",
                why="the word of a volume's claim",
            ),
            Change(
                path=("platform", "kubernetes", "models", "claim"),
                key="claimName",
                why="the word of a pod's volume, and it is a name and not a claim",
            ),
            Change(
                path=("platform", "kubernetes", "runtime"),
                key="servingRuntime",
                why="KServe's kind; `runtime` is what a device runs a model with",
            ),
        ),
    ),
)
"""Every version behind the first, the oldest first."""


def steps_from(version: str) -> tuple[Version, ...]:
    """What has changed since a version that can be read."""
    newer = VERSIONS[VERSIONS.index(version) + 1 :]
    return tuple(step for step in HISTORY if step.since in newer)
