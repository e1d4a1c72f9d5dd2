"""The trials of a study as one run sees them: each look reads only those that may have moved."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..store.looking import Look
from ..store.store import Store
from ..store.trial import Trial

_AT_ONCE = 1_000_000


@dataclass(slots=True)
class SeenTrials:
    """All trials, kept from look to look.

    What is settled moves only where people change it, which `anew` says.
    """

    store: Store
    study: str
    _trials: list[Trial] = field(default_factory=list)

    def look(self, *, anew: bool = False) -> tuple[Trial, ...]:
        """All trials as they are now, in order of their number."""
        if anew or not self._trials:
            self._trials = list(self.store.trials(self.study))
            return tuple(self._trials)
        awaited = [trial.number for trial in self._trials if not trial.is_settled]
        top = self._trials[-1].number
        for trial in Look(self.store).moved(self.study, top, awaited, _AT_ONCE):
            if trial.number < len(self._trials):
                self._trials[trial.number] = trial
            else:
                self._trials.append(trial)
        return tuple(self._trials)
