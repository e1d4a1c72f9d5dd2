"""Choose how to search where the spec leaves it open: the paper's formatter (section 3.3).

    strategy: auto, budget: {trials: 6}   =>  strategy: sobol     too few trials to learn from
    strategy: auto, budget: {trials: 24}  =>  strategy: bayesian

The catalogue knows what suits. Needs lowered steps. Promises a strategy that the catalogue has,
with options that it knows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from omniforce.spec.blocks.search import StrategyChoice
from omniforce.spec.diagnostic import Diagnostic
from omniforce.spec.frozen import dataclass
from omniforce.spec.readers import nearest, or_list

from ..ir.program import Program, Search, Step
from .context import Context, Outcome

AUTO = "auto"


@dataclass(frozen=True, slots=True)
class ChooseStrategy:
    """Makes `auto` a name, and refuses names and options that there are not."""

    name: str = "choose-strategy"

    def run(self, program: Program, context: Context) -> Outcome:
        """The program with a named strategy, and why it was taken."""
        found: list[Diagnostic] = []
        notes: list[str] = []
        steps: list[Step] = []
        for step in program.steps:
            if isinstance(step, Search) and step.strategy.name == AUTO:
                chosen = context.catalogue.choose_strategy(step)
                notes.append(f"`{chosen.name}`, since {'; '.join(chosen.reasons)}")
                strategy = StrategyChoice(chosen.name, step.strategy.options)
                steps.append(replace(step, strategy=strategy))
            else:
                steps.append(step)
        program = replace(program, steps=tuple(steps))
        for search in (s for s in program.steps if isinstance(s, Search)):
            found += _faults(search, context)
        return Outcome(program, tuple(found), tuple(notes))


def _faults(search: Search, context: Context) -> Iterator[Diagnostic]:
    choice = search.strategy
    if not context.catalogue.has_strategy(choice.name):
        known = context.catalogue.strategy_names()
        meant = nearest(choice.name, (*known, AUTO))
        path = ("spec", "search", "strategy")
        fix = context.respelled(choice.name, meant, known, *path)
        fix = fix if fix.edits else context.respelled(choice.name, meant, known, *path, "name")
        yield Diagnostic(
            "OFC330",
            f"there is no strategy `{choice.name}`",
            context.at("spec", "search", "strategy", "name"),
            f"did you mean `{meant}`?" if meant else "unknown strategy",
            f"write {f'`{meant}`' if meant else or_list((*known, AUTO))}",
            edits=fix.edits,
            applicable=fix.applicable,
        )
        return
    if wrong := context.catalogue.wrong_option(choice, search.space):
        yield Diagnostic(
            "OFC331",
            wrong.message,
            context.key_at("spec", "search", "strategy", "options", wrong.option),
            f"not for `{choice.name}`",
            wrong.help,
        )
