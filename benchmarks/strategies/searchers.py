"""Who searches, by name: the peers' names are theirs, every other name is a strategy of ours."""

from __future__ import annotations

from functools import cache, partial

from omniforce.spec.space import Assignment, Choice, Coordinate, FloatRange, Space
from omniforce.strategies.protocol import Goal, Problem

from .bench import Bench, Metrics, noiseless, regret
from .ours import Ours
from .play import Start, play
from .searcher import Searcher


def _local(problem: Problem, given: int) -> Searcher:
    from .peers.local_search import LocalSearch

    return LocalSearch.of(problem, given)


def _evolution(problem: Problem, given: int) -> Searcher:
    from .peers.regularised_evolution import RegularisedEvolution

    return RegularisedEvolution.of(problem, given)


def _hyperopt(problem: Problem, given: int) -> Searcher:
    from .peers.hyperopt_ import Hyperopt

    return Hyperopt.of(problem, given)


def _smac(problem: Problem, given: int) -> Searcher:
    from .peers.smac_ import Smac

    return Smac.of(problem, given)


def _botorch(problem: Problem, given: int) -> Searcher:
    from .peers.botorch_ import BoTorch

    return BoTorch.of(problem, given)


def _other_figures(scale: str) -> Start:
    def start(problem: Problem, given: int) -> Searcher:
        from .other_figures import OtherFiguresSearcher

        return OtherFiguresSearcher.of(scale, problem)

    return start


def _optuna(kind: str) -> Start:
    def start(problem: Problem, given: int) -> Searcher:
        from .peers.optuna_ import Optuna

        match kind:
            case "gp":
                return Optuna.of("gp", problem, given)
            case "nsga2":
                return Optuna.of("nsga2", problem, given)
            case _:
                return Optuna.of("tpe", problem, given)

    return start


PEERS: dict[str, Start] = {
    "botorch": _botorch,
    "hyperopt": _hyperopt,
    "of-plain-figures": _other_figures("plain"),
    "of-ranked-figures": _other_figures("ranked"),
    "optuna-gp": _optuna("gp"),
    "optuna-nsga2": _optuna("nsga2"),
    "optuna-tpe": _optuna("tpe"),
    "published-evolution": _evolution,
    "published-local-search": _local,
    "smac": _smac,
}
"""Lazy, since most libraries behind them are heavy and some need not be installed."""


def starter(name: str) -> Start:
    """Makes the searcher of this name."""
    return PEERS.get(name) or partial(_ours, name)


def _ours(written: str, problem: Problem, given: int) -> Searcher:
    return Ours.of(written, problem)


@cache
def warm(name: str, objectives: int) -> None:
    """Lets a searcher import what it needs, in a short search that nobody counts.

    Raises:
        Unavailable: it is not installed, or does not do this.
    """
    space = Space(
        (
            Coordinate("number", (), FloatRange(0.0, 1.0)),
            Coordinate("word", (), Choice(("a", "b", "c"))),
        )
    )
    metrics = ("first", "second")[:objectives]

    def truth(point: Assignment) -> Metrics:
        number = float(point["number"])
        return {"first": number**2, "second": -number - (point["word"] == "b")}

    goals = tuple(Goal(metric, "minimize") for metric in metrics)
    bench = Bench("warm", space, goals, 9, noiseless(truth), truth, regret("first", 0.0), given=6)
    play(bench, starter(name), 0)
