"""What happens to an object, and to all of them, as values: what `plan` shows and `apply` does."""

from __future__ import annotations

from typing import Literal

from omniforce.spec.frozen import dataclass

from ..cluster import Reference
from ..stamps import is_stamp
from .difference import FieldChange
from .drift import Drift

Action = Literal["create", "change", "replace", "delete", "unchanged", "unchecked"]


@dataclass(frozen=True, slots=True)
class Conflict:
    """A field that we set and another manager holds, with another value."""

    manager: str
    field: str


@dataclass(frozen=True, slots=True)
class ObjectPlan:
    """What happens to one object.

    Attributes:
        reference: which; of a replacement, the new one.
        action: `replace` is a new object in the place of an old one, since the old one may never
            change; `unchecked` means that the server could not be asked, `reason` says why.
        fields: what differs, live against what it would be.
        reason: why it cannot be checked, or why it must be made anew.
        replaces: the object whose place the new one takes, where that has another name.
        conflicts: what an apply without force would be refused for.
        drift: what was changed by hand since ofc applied it; an apply takes it back.
        refused: what the server says against the object; an apply would fail so.
        exists: whether there is such an object now.
        fingerprint: of the object as it is now, without what servers write at each change; empty
            where there is none. A saved plan holds only while it is the same.
    """

    reference: Reference
    action: Action
    fields: tuple[FieldChange, ...] = ()
    reason: str = ""
    replaces: Reference | None = None
    conflicts: tuple[Conflict, ...] = ()
    drift: tuple[Drift, ...] = ()
    refused: str = ""
    exists: bool = False
    fingerprint: str = ""

    @property
    def only_stamped(self) -> bool:
        """Whether nothing changes in it but what it says of itself."""
        changes = self.action == "change" and not self.drift
        return changes and all(is_stamp(f.path) for f in self.fields)


@dataclass(frozen=True, slots=True)
class Plan:
    """What an apply would do.

    Attributes:
        cluster: its context.
        objects: in the order in which they are applied, then what would be deleted.
    """

    cluster: str
    objects: tuple[ObjectPlan, ...]

    @property
    def renamed(self) -> tuple[tuple[str, str], ...]:
        """The names of replaced objects, old and new."""
        return tuple((o.replaces.name, o.reference.name) for o in self.objects if o.replaces)

    def follows(self, field: FieldChange) -> bool:
        """Whether a field changes only since an object that it names has another name now."""
        before, after = field.before, field.after
        if before is None or after is None or not self.renamed:
            return False
        for old, new in self.renamed:
            before = before.replace(old, new)
        return before == after

    @property
    def changes(self) -> bool:
        """Whether an apply would change anything."""
        return any(o.action != "unchanged" for o in self.objects)

    @property
    def blocked(self) -> tuple[ObjectPlan, ...]:
        """What an apply would stop at."""
        return tuple(o for o in self.objects if o.refused or o.conflicts)
