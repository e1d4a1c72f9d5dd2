"""A study as one of Optuna's, written into its storage by Optuna itself.

What Optuna has a place for goes there: distributions, values, states, times, figures on the way,
requirements as constraints. All else of a trial is in its user attributes, as `ofc:...`.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omniforce.spec.arguments import to_arguments
from omniforce.spec.problem import Problem

from ..choice import bound, objectives, requirements
from ..store.trial import Trial
from .optuna_distributions import distribution_of, holding
from .study_copy import StudyCopy

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution
    from optuna.storages import BaseStorage
    from optuna.study import Study
    from optuna.trial import FrozenTrial, TrialState

MARK = "ofc:"
"""What our own attributes begin with."""


@dataclass(frozen=True, slots=True)
class Written:
    """What was written.

    Attributes:
        place: the storage's address without its password.
        notes: what Optuna has no word for, in sentences.
    """

    place: str
    study: str
    trials: int
    notes: tuple[str, ...]


def write_optuna(study: StudyCopy, address: str, name: str | None, force: bool = False) -> Written:
    """Writes a study into an Optuna storage.

    Args:
        study: what is written.
        address: as `optuna.load_study` takes it: `sqlite:///optuna.db`, `postgresql://...`.
        name: what it is called there; None for its own name.
        force: takes the place of a study of that name.

    Raises:
        Problem: Optuna is not installed, the storage cannot be used, or it has such a study.
    """
    optuna = _optuna()
    from sqlalchemy.exc import SQLAlchemyError

    called, place = name or study.record.name, shown_address(address)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # some of what is called here is marked as experimental
        verbosity = optuna.logging.get_verbosity()
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        storage = None
        try:
            is_new = _is_new_file(address)
            storage = optuna.storages.RDBStorage(address)
            if is_new:
                _hurry(storage)
            notes = _write(optuna, storage, study, called, force)
        except optuna.exceptions.DuplicatedStudyError as error:
            raise Problem(
                "OFC792",
                f"the storage `{place}` has a study `{called}` already",
                "name another with `--name`, or replace it with `--force`",
            ) from error
        except (SQLAlchemyError, RuntimeError, ValueError, ImportError, OSError) as error:
            raise unusable(place, error) from error
        finally:
            if storage is not None:
                storage.engine.dispose()
            optuna.logging.set_verbosity(verbosity)
    return Written(place, called, len(study.trials), notes)


def unusable(place: str, error: Exception) -> Problem:
    """What to say of a storage that fails. `place` has no password."""
    cause = getattr(error, "orig", None) or error
    (first, *_) = str(cause).splitlines() or [type(error).__name__]
    if place not in first and "://" in first:
        first = type(error).__name__  # it may tell the address, password and all
    return Problem(
        "OFC793",
        f"the storage `{place}` cannot be used: {first}",
        "name one as `optuna.load_study` does: `sqlite:///optuna.db`, `postgresql://...`",
    )


def shown_address(address: str) -> str:
    """An address without its password."""
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        return make_url(address).render_as_string(hide_password=True)
    except (ArgumentError, ValueError):
        return address.partition("://")[0] + "://..."


def _is_new_file(address: str) -> bool:
    from sqlalchemy.engine import make_url

    url = make_url(address)
    named = url.get_backend_name() == "sqlite" and url.database not in (None, "", ":memory:")
    return named and not Path(url.database or "").exists()


def _hurry(storage: Any) -> None:
    """Has SQLite not wait for the disk: Optuna commits several times a trial.

    Only of a file that is new: were the power to fail, it would be written again.
    """
    from sqlalchemy import event

    def at_ease(connection: Any, _: object) -> None:
        connection.execute("PRAGMA synchronous = OFF")

    storage.engine.dispose()
    event.listen(storage.engine, "connect", at_ease)


def _optuna() -> Any:
    try:
        import optuna
    except ImportError as error:
        raise Problem(
            "OFC703",
            "Optuna is not installed, and its storages are written by itself",
            "pip install 'omniforce[optuna]'",
        ) from error
    return optuna


def _write(
    optuna: Any, storage: BaseStorage, study: StudyCopy, name: str, force: bool
) -> tuple[str, ...]:
    goals = objectives(study.search.goals)
    if force and name in {each.study_name for each in optuna.get_all_study_summaries(storage)}:
        optuna.delete_study(study_name=name, storage=storage)
    made: Study = optuna.create_study(
        storage=storage, study_name=name, directions=[goal.direction for goal in goals]
    )
    made.set_metric_names([goal.metric.key for goal in goals])
    record = study.record
    for key, value in (
        ("study", record.name),
        ("digest", record.digest),
        ("state", record.state),
        ("reason", record.reason),
        ("strategy", study.search.strategy.name),
        ("seed", study.search.seed),
    ):
        made.set_user_attr(MARK + key, value)
    writer = _Writer(study)
    for trial in study.trials:
        made.add_trial(writer.frozen(trial))
    return writer.notes


class _Writer:
    """Makes Optuna's trials of ours; looks at the space and the curve once."""

    def __init__(self, study: StudyCopy) -> None:
        self._search = study.search
        self._goals = objectives(study.search.goals)
        self._distributions: dict[str, BaseDistribution] = {}
        notes: list[str] = []
        for coordinate in self._search.space:
            found, note = distribution_of(coordinate.domain)
            self._distributions[coordinate.id] = found
            if note:
                notes.append(f"`{coordinate.id}` {note}")
        self.notes = tuple(notes)
        self._curves: dict[tuple[int, int], dict[str, dict[int, float]]] = {}
        for point in study.curve:
            curves = self._curves.setdefault((point.trial, point.attempt), {})
            curves.setdefault(point.key, {})[point.step] = point.value

    def frozen(self, trial: Trial) -> FrozenTrial:
        from optuna.trial import TrialState, create_trial

        wanted = [goal.metric.key for goal in self._goals]
        state = _state(trial)
        if state == TrialState.COMPLETE and not (
            trial.counts and set(wanted) <= set(trial.metrics)
        ):
            state = TrialState.FAIL  # its figures answer what an older spec asked
        params = {
            name: float(value) if self._is_float(name) and not isinstance(value, str) else value
            for name, value in trial.present_point.items()
            if name in self._distributions
        }
        distributions = {name: self._distributions[name] for name in params}
        distributions = {
            name: holding(distribution, params[name])
            for name, distribution in distributions.items()
        }
        values: Sequence[float] | None = None
        if state == TrialState.COMPLETE:
            values = [trial.metrics[key] for key in wanted]
        curves = self._curves.get((trial.number, trial.attempt), {})
        first = self._goals[0].metric.key if self._goals else ""
        made = create_trial(
            state=state,
            params=params,
            distributions=distributions,
            values=values,
            intermediate_values=curves.get(first, {}),
            user_attrs=self._attributes(trial, curves, first),
            system_attrs=self._constraints(trial),
        )
        made.datetime_start = _local(trial.started or trial.proposed)
        if state == TrialState.WAITING:
            made.datetime_start = None
        if state.is_finished():
            made.datetime_complete = _local(trial.finished or trial.requested)
        return made

    def _is_float(self, name: str) -> bool:
        from optuna.distributions import FloatDistribution

        return isinstance(self._distributions[name], FloatDistribution)

    def _attributes(
        self, trial: Trial, curves: Mapping[str, Mapping[int, float]], first: str
    ) -> dict[str, object]:
        said: dict[str, object] = {
            "trial": trial.number,
            "state": trial.state,
            "origin": trial.origin,
            "round": trial.round,
            "attempt": trial.attempt,
            "seconds": trial.seconds,
            "arguments": to_arguments(self._search.space, trial.present_point),
            "failure": trial.failure,
            "message": trial.message[:2000] or None,
            "rating": trial.rating,
            "fate": None if trial.fate == "kept" else trial.fate,
        }
        attributes = {MARK + key: value for key, value in said.items() if value is not None}
        # as one finds them in Optuna's dashboard: a plain attribute a metric
        attributes |= dict(trial.metrics)
        for key, points in curves.items():
            if key != first and len(points) <= 200:  # MySQL's column holds 2 KB in old storages
                attributes[f"{MARK}curve:{key}"] = {str(s): v for s, v in points.items()}
        return attributes

    def _constraints(self, trial: Trial) -> dict[str, object]:
        """How far each requirement is broken, where Optuna looks for it; 0 or less is kept."""
        from optuna.trial import FrozenTrial

        found: dict[str, float] = {}
        for wanted in requirements(self._search.goals):
            value, limit = trial.metrics.get(wanted.metric.key), bound(wanted)
            if value is not None:
                over = value - limit if wanted.operator in ("<", "<=") else limit - value
                found[f"{wanted.metric.key} {wanted.operator} {limit:g}"] = over
        if not found:
            return {}
        if hasattr(FrozenTrial, "constraints"):
            return {f"constraints:{key}": over for key, over in found.items()}
        return {"constraints": list(found.values())}  # before Optuna 5


def _state(trial: Trial) -> TrialState:
    from optuna.trial import TrialState

    match trial.state:
        case "completed":
            return TrialState.COMPLETE
        case "proposed":
            return TrialState.WAITING
        case "reserved" | "running" | "measuring":
            return TrialState.RUNNING
        case "failed" | "timed-out" | "cancelled":
            return TrialState.FAIL


def _local(seconds: float) -> datetime:
    """As Optuna's trials have it: local, without saying so."""
    return datetime.fromtimestamp(seconds)
