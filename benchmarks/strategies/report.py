"""Runs a plan, and prints a table and draws a plot of each of its problems."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .campaign import Options, Plan, by_searcher, run
from .play import Played
from .regret_plot import draw, write
from .tables import heading, losses


def report(
    plan: Plan, options: Options, lost: str, at: Mapping[str, Sequence[int]], digits: int = 4
) -> None:
    """One table a problem.

    Args:
        plan: who searches what.
        options: of the command line.
        lost: what is lost, in words.
        at: per problem, after how many evaluations it is shown; a quarter, a half and all of a
            hundred where it is not named.
        digits: behind the point.
    """
    known = run(plan, options)
    for bench in plan.benches:
        searches = by_searcher(known, bench)
        if not searches:
            continue
        print(heading(f"`{bench}`: {lost}"))
        print(losses(searches, at.get(bench, (25, 50, 100)), digits))
        plot(bench, searches, options, lost)


def plot(
    name: str,
    searches: Mapping[str, Sequence[Played]],
    options: Options,
    lost: str,
    *,
    first: int = 1,
) -> None:
    """Draws the regret, unless only some searchers were asked for, who are not the whole plot."""
    if options.searchers:
        return
    runs = {searcher: [each.lost for each in played] for searcher, played in searches.items()}
    write(name, draw(name, runs, label=lost, first=first))
