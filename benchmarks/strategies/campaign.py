"""Runs what a plan asks for and is not known yet, in processes of their own."""

from __future__ import annotations

import importlib
import multiprocessing
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from functools import cache
from itertools import groupby

from .bench import Bench
from .play import Played, play
from .results import Entry, Results
from .searcher import Unavailable
from .searchers import PEERS, starter, warm

Benches = Mapping[str, Callable[[], Bench]]


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked for on the command line.

    Attributes:
        seeds: of a searcher at most, or None for as many as the plan says.
        only: the benches to run; empty for all.
        searchers: the searchers to run; empty for all.
        jobs: processes at once.
        fresh: whether what our strategies found, or the chosen searchers, is forgotten first.
        redraw: whether only what is known is shown, and nothing run.
    """

    seeds: int | None = None
    only: tuple[str, ...] = ()
    searchers: tuple[str, ...] = ()
    jobs: int = 1
    fresh: bool = False
    redraw: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """Who searches what, and how often.

    Attributes:
        module: the module of this package that has `BENCHES`, by its last name; a process of its
            own finds the bench there.
        benches: the names of those in it that are searched.
        searchers: how many seeds each gets.
        workers: how many trials at once.
    """

    module: str
    benches: tuple[str, ...]
    searchers: Mapping[str, int]
    workers: int = 1

    def entries(self, options: Options) -> list[Entry]:
        """All searches, seed by seed, so that an interrupted run has as many of each."""
        chosen = dict(self.searchers)
        if options.searchers:
            # one that the plan does not name may be asked for, as often as the plan's keenest
            most = max(chosen.values(), default=1)
            chosen = {name: chosen.get(name, most) for name in options.searchers}
        if options.seeds is not None:
            chosen = dict.fromkeys(chosen, options.seeds)
        benches = [name for name in self.benches if not options.only or name in options.only]
        return [
            Entry(bench, name, seed, self.workers)
            for bench in benches
            for seed in range(max(chosen.values(), default=0))
            for name, seeds in chosen.items()
            if seed < seeds
        ]


def run(plan: Plan, options: Options, results: Results | None = None) -> dict[Entry, Played]:
    """Everything that the plan asks for, as far as it could be had."""
    store = results or Results()
    entries = plan.entries(options)
    names = sorted({entry.searcher for entry in entries})
    benches = sorted({entry.bench for entry in entries})
    if options.fresh:
        # peers do not change with our code, so they are asked anew only by name
        forgotten = [name for name in names if options.searchers or name not in PEERS]
        for bench in benches:
            store.forget(bench, forgotten)
    known = {key: value for bench in benches for key, value in store.read(bench).items()}
    if not options.redraw:
        for entry, played in _played(plan.module, [e for e in entries if e not in known], options):
            store.add(entry, played)
            known[entry] = played
    return {entry: known[entry] for entry in entries if entry in known}


def by_searcher(known: Mapping[Entry, Played], bench: str) -> dict[str, list[Played]]:
    """The searches of one bench, seed by seed, in the order of the plan."""
    here = [(entry, played) for entry, played in known.items() if entry.bench == bench]
    order = {entry.searcher: at for at, (entry, _) in reversed(list(enumerate(here)))}
    here.sort(key=lambda each: (order[each[0].searcher], each[0].seed))
    return {
        name: [played for _, played in group]
        for name, group in groupby(here, key=lambda each: each[0].searcher)
    }


def search(module: str, entry: Entry) -> Played:
    """One search; what a process of its own runs.

    Raises:
        Unavailable: the searcher is not installed, or does not do this.
    """
    bench = _bench(module, entry.bench)
    warm(entry.searcher, min(len(bench.goals), 2))
    return play(bench, starter(entry.searcher), entry.seed, workers=entry.workers)


def _played(module: str, entries: list[Entry], options: Options) -> Iterator[tuple[Entry, Played]]:
    if not entries:
        return
    skipped = set[str]()
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(options.jobs, mp_context=context) as pool:
        asked: dict[Future[Played], Entry] = {
            pool.submit(search, module, entry): entry for entry in entries
        }
        for count, future in enumerate(as_completed(asked), 1):
            entry = asked[future]
            try:
                played = future.result()
            except Unavailable as error:
                if entry.searcher not in skipped:
                    print(f"skipped on {entry.bench}: {error}", file=sys.stderr)
                skipped.add(entry.searcher)
                continue
            except Exception:
                print(f"{entry} broke:\n{traceback.format_exc()}", file=sys.stderr)
                continue
            print(
                f"{count}/{len(entries)} {entry.bench} {entry.searcher} seed {entry.seed}: "
                f"{played.lost[-1]:.4g}, {played.cpu:.1f} s",
                file=sys.stderr,
                flush=True,
            )
            yield entry, played


@cache
def _bench(module: str, name: str) -> Bench:
    benches: Benches = importlib.import_module(f"{__package__}.{module}").BENCHES
    return benches[name]()
