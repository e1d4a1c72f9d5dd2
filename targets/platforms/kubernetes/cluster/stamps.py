"""Fields that say of an object whose it is and of which spec, and nothing of what it does."""

from __future__ import annotations

from typing import Final

_STAMPS: Final = (
    "metadata.labels[app.kubernetes.io/version]",
    "metadata.annotations[omniforce.dev/spec-digest]",
    "metadata.labels[applyset.kubernetes.io/part-of]",
    "data[study.json].digest",
)


def is_stamp(path: str) -> bool:
    """Whether a field only says which spec an object is of, or whose it is.

    Such a field changes with every word of the spec.
    """
    return path.endswith(_STAMPS)
