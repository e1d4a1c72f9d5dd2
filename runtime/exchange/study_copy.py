"""All that goes out of a study, read once: what a file or another system's storage is made of."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from omniforce.compiler.ir.program import Program, Search
from omniforce.spec.plain.values import from_plain

from ..rewards import search_of
from ..store.trial import CurvePoint, StudyRecord, Trial

if TYPE_CHECKING:
    from ..steering.access import StudyReading


@dataclass(frozen=True, slots=True)
class StudyCopy:
    """A study at one moment.

    Attributes:
        curve: what trials pushed while they ran, by trial, attempt, key and step.
    """

    record: StudyRecord
    program: Program
    trials: tuple[Trial, ...]
    curve: tuple[CurvePoint, ...]

    @property
    def search(self) -> Search:
        """The step that ran the trials."""
        return search_of(self.program)


def copy_of(study: StudyReading) -> StudyCopy:
    """A study as it stands now.

    Raises:
        Problem: there is none, or its store cannot be read.
    """
    record = study.record()
    program = program_of(record)
    return StudyCopy(record, program, study.trials(), study.curve())


def program_of(record: StudyRecord) -> Program:
    """The compiled spec of a study's latest revision."""
    return from_plain(Program, json.loads(record.program))
