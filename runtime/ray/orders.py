"""What goes between this machine and a seat on a node of Ray; plain values, as Ray pickles them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..local.pool import Happening
from ..trial.contract import TrialRequest


@dataclass(frozen=True, slots=True)
class Place:
    """Where a seat has come to be.

    Attributes:
        host: its address in the cluster.
        port: one that was free there a moment ago, for ranks to meet at.
        version: of this package on that node.
        shares: whether it sees this machine's files under the same names.
    """

    host: str
    port: int
    version: str
    shares: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a seat needs before its first trial.

    Attributes:
        estimator: the class.
        measures: whether its trials measure on devices.
        log: where the imports' output goes, on a node that shares files.
        path: folders of modules, on a node that shares files.
        environment: variables of its worker.
        without: variables that it does not get.
        data: digest and pieces (references into the object store) of the prepared data; None on a
            node that shares files.
        code: the same of the estimator's own modules; None where none have to be sent.
    """

    estimator: str
    measures: bool
    log: str
    path: tuple[str, ...]
    environment: Mapping[str, str]
    without: tuple[str, ...] = ()
    data: tuple[str, tuple[object, ...]] | None = None
    code: tuple[str, tuple[object, ...]] | None = None


@dataclass(frozen=True, slots=True)
class Errand:
    """A trial for a seat, and its log on a node that shares files."""

    request: TrialRequest
    log: str


@dataclass(frozen=True, slots=True)
class Fault:
    """A `Problem` as it goes over the wire."""

    code: str
    message: str
    help: str


@dataclass(frozen=True, slots=True)
class News:
    """What happened at a seat since it was asked last.

    Attributes:
        happened: in order.
        log: what the trial printed since, on a node that does not share files.
        fault: why nothing can run there.
        cancelled: whether the trial was ended at our wish.
    """

    happened: tuple[Happening, ...] = ()
    log: bytes = b""
    fault: Fault | None = None
    cancelled: bool = False
