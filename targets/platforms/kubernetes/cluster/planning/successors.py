"""Which new object takes the place of which old one.

What may never change, a study's ConfigMap or a PipelineVersion, has a hash of its content at the
end of its name: new content is a new object, and the old one goes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from ..cluster import Reference

_MARK: Final = re.compile(r"-[0-9a-f]{8}(?:[0-9a-f]{4})?$")


def successors(new: Iterable[Reference], old: Sequence[Reference]) -> Mapping[Reference, Reference]:
    """The old object of each new one that has one; the same name but for the hash at its end."""
    free = list(old)
    found: dict[Reference, Reference] = {}
    for each in new:
        if not _MARK.search(each.name):
            continue
        before = next((o for o in free if role(o) == role(each)), None)
        if before is not None:
            found[each] = before
            free.remove(before)
    return found


def role(reference: Reference) -> tuple[str, str, str | None, str]:
    """What stays the same of an object whose name changes with its content."""
    stem = _MARK.sub("", reference.name)
    return reference.api_version, reference.kind, reference.namespace, stem
