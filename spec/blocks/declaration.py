"""A parameter of the search space with what it hangs on, before arrays are unrolled."""

from __future__ import annotations

from ..expression.tree import Expression, Value
from ..frozen import dataclass
from ..resolving.meaning import Listing
from ..source import Span
from ..space import Domain, Prior
from .graph import Wiring
from .placed import At


@dataclass(frozen=True, slots=True)
class Branch:
    """The `submodule` that a parameter stands in.

    Attributes:
        host: the parameter that has the submodule.
        counted: the host is a number, and there are as many as it says.
        shared: all of those are the same one, sampled once.
        values: the host's values that have the parameter; empty means all of them.
    """

    host: str
    counted: bool = False
    shared: bool = False
    values: tuple[Value, ...] = ()


@dataclass(frozen=True, slots=True)
class Declaration:
    """One parameter.

    Attributes:
        place: its name in the file.
        domain: what it may be; None where it is computed.
        branch: None at the top.
        shared: all places of the array that `count` makes of it have one value.
        default: of a list, its digits.
        size: of a subset, the least and the most values.
        value: what it is computed from.
        called: its name in the file, where an earlier parameter has that name too.
        graph: the network whose edges its places are.
    """

    name: str
    place: Span
    domain: Domain | Listing | None
    branch: Branch | None
    when: At[Expression] | None
    count: At[int | str] | None
    shared: bool = False
    default: Value | tuple[int, ...] | None = None
    prior: Prior | None = None
    size: tuple[int, int] | None = None
    value: At[Expression] | None = None
    called: str | None = None
    graph: Wiring | None = None

    @property
    def written(self) -> str:
        """Its name in the file, which is the estimator's argument."""
        return self.called or self.name
