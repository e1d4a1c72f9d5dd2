"""A parameter of the search space with what it hangs on, before arrays are unrolled."""

from __future__ import annotations

from ..expression.tree import Expression, Value
from ..frozen import dataclass
from ..source import Span
from ..space import Domain
from .parameter import At


@dataclass(frozen=True, slots=True)
class Branch:
    """The `submodule` that a parameter stands in.

    Attributes:
        host: the parameter that has the submodule.
        counted: the host is a number, and there are as many as it says.
        values: the host's values that have the parameter; empty means all of them.
    """

    host: str
    counted: bool = False
    values: tuple[Value, ...] = ()


@dataclass(frozen=True, slots=True)
class Declaration:
    """One parameter.

    Attributes:
        place: its name in the file.
        branch: None at the top.
    """

    name: str
    place: Span
    domain: Domain
    default: Value | None
    branch: Branch | None
    when: At[Expression] | None
    count: At[int | str] | None
