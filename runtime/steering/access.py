"""One study, read and steered, wherever its store is: `ofc` asks this and nothing else.

`stored.py` answers from a store at hand, `remote.py` from the API of another place; both say the
same for the same study, and raise the same `Problem`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    from omniforce.compiler.ir.program import Program

    from ..store.trial import Action, Artifact, CurvePoint, StudyRecord, Trial
    from .revising import Revision
    from .steering import Extension
    from .trial_filter import TrialFilter


@dataclass(frozen=True, slots=True)
class StudyNow:
    """The study itself has changed; how it now stands."""

    record: StudyRecord


@dataclass(frozen=True, slots=True)
class TrialNow:
    """A trial is new, or has changed; how it now stands. The same may be told again."""

    trial: Trial


@dataclass(frozen=True, slots=True)
class Pushed:
    """A figure that a trial pushed while it runs."""

    point: CurvePoint


@dataclass(frozen=True, slots=True)
class Acted:
    """Somebody did something to the study."""

    action: Action


Change: TypeAlias = StudyNow | TrialNow | Pushed | Acted


class StudyReading(Protocol):
    """How a study stands. Every method raises a `Problem`: OFC761 where there is no such study."""

    @property
    def study(self) -> str:
        """Its name."""
        ...

    def record(self) -> StudyRecord:
        """The study itself, with the compiled spec of its latest revision."""
        ...

    def trials(self, wanted: TrialFilter | None = None) -> tuple[Trial, ...]:
        """Its trials, all or those that are wanted, in order of their number."""
        ...

    def trial(self, number: int) -> Trial:
        """One trial; OFC782 where there is none."""
        ...

    def curve(self, trial: int | None = None, key: str | None = None) -> tuple[CurvePoint, ...]:
        """What trials pushed while they ran: of one or of all, of one metric or of all."""
        ...

    def log(self, trial: int) -> str:
        """What there is of a trial's output: its file here, or the end that the store keeps."""
        ...

    def artifacts(self, trial: int) -> tuple[Artifact, ...]:
        """The files that a trial left."""
        ...

    def actions(self, after: int = 0) -> tuple[Action, ...]:
        """What people did to it, oldest first, beyond a position."""
        ...

    def changes(self, seconds: float | None = None) -> Iterator[tuple[Change, ...]]:
        """First all that there is, then what changes, until the study is over.

        About once a second comes a tuple, which is empty where nothing has changed, so that a
        clock on the screen may go on. Ends after `seconds` where they are given.
        """
        ...


class StudySteering(Protocol):
    """What people may do to a study while it lives.

    Raises a `Problem`: OFC761 no such study, OFC781 its state forbids it, OFC782 no such trial,
    OFC783 no point of its space, OFC784 the revision is refused.
    """

    def pause(self) -> StudyRecord:
        """Proposes nothing more; what is under way goes on."""
        ...

    def resume(self) -> StudyRecord:
        """Goes on proposing."""
        ...

    def stop(self) -> StudyRecord:
        """Ends the study; what is under way is cancelled."""
        ...

    def extend(self, extension: Extension) -> StudyRecord:
        """Adds to its budget."""
        ...

    def cancel(self, trial: int) -> Trial:
        """Ends one trial without a result."""
        ...

    def end_early(self, trial: int) -> Trial:
        """Asks one trial to end and to report what it has."""
        ...

    def add(self, arguments: Mapping[str, object]) -> Trial:
        """Proposes one trial by hand."""
        ...

    def rate(self, trial: int, rating: float | None) -> Trial:
        """Says what a person thinks of a trial; None takes it back."""
        ...

    def revise(self, program: Program, text: str) -> Revision:
        """Changes the spec while the study runs; `text` is the program as `study.json` has it."""
        ...


class StudyAccess(StudyReading, StudySteering, Protocol):
    """Both, and something to close."""

    def close(self) -> None:
        """Gives back what is open."""
        ...
