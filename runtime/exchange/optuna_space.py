"""A space out of the distributions of an Optuna study's trials: it knows no other."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

from omniforce.spec.expression.print import value_to_text
from omniforce.spec.expression.tree import Value

from .findings import Findings
from .foreign_study import Bounds, Searched
from .naming import Naming

NONE = "none"
"""The word in the place of Python's None."""

_BRANCHES = 20
"""Values of a choice that a condition is looked for among."""


@dataclass(frozen=True, slots=True)
class Distribution:
    """One distribution; `choices` is None of a number's."""

    whole: bool = False
    low: float = 0.0
    high: float = 0.0
    log: bool = False
    step: float | None = None
    choices: tuple[Value, ...] | None = None


@dataclass(slots=True)
class Drawn:
    """One parameter, as trials drew it.

    Attributes:
        values: by the trial's own number in the storage.
        distributions: each once, in order of their first use.
        broken: why one of them could not be read.
    """

    values: dict[int, Value] = field(default_factory=dict)
    distributions: dict[str, Distribution] = field(default_factory=dict)
    broken: str = ""

    def take(self, trial: int, internal: object, text: str) -> None:
        """One trial's draw: Optuna keeps a number, of a choice its place."""
        if text not in self.distributions:
            if len(self.distributions) >= 1000:
                self.broken = "has more than 1000 distributions"
                return
            found = _read(text)
            if found is None:
                self.broken = f"has the distribution `{text[:60]}`, which a spec cannot say"
                return
            self.distributions[text] = found
        value = _external(self.distributions[text], internal)
        if value is not None:
            self.values[trial] = value


def _read(text: str) -> Distribution | None:
    """A distribution out of its JSON, by the names of Optuna 1 to 5; None for another."""
    if len(text) > 100_000:
        return None
    try:
        whole: object = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(whole, dict):
        return None
    document = cast("dict[str, object]", whole)
    attributes = document.get("attributes")
    if not isinstance(attributes, dict):
        return None
    said = cast("dict[str, object]", attributes)
    name = str(document.get("name"))
    if name == "CategoricalDistribution":
        return _choices(said.get("choices"))
    low, high, step = said.get("low"), said.get("high"), said.get("step", said.get("q"))
    if not _is_number(low) or not _is_number(high) or not (step is None or _is_number(step)):
        return None
    numbers = cast("float", low), cast("float", high)
    whole_ones = {"IntDistribution", "IntUniformDistribution", "IntLogUniformDistribution"}
    floats = {
        "FloatDistribution",
        "UniformDistribution",
        "LogUniformDistribution",
        "DiscreteUniformDistribution",
    }
    if name not in whole_ones | floats or numbers[0] > numbers[1]:
        return None
    log = bool(said.get("log", False)) or "Log" in name
    if log and numbers[0] <= 0:
        return None
    return Distribution(
        name in whole_ones, *numbers, log, None if step is None or log else cast("float", step)
    )


def _choices(choices: object) -> Distribution | None:
    if not isinstance(choices, list) or not choices:
        return None
    values: list[Value] = []
    for each in cast("list[object]", choices):
        if each is None:
            values.append(NONE)
        elif isinstance(each, bool | str) or _is_number(each):
            values.append(cast("Value", each))
        else:
            return None
    if len({(type(v), v) for v in values}) != len(values):
        return None
    return Distribution(choices=tuple(values))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _external(distribution: Distribution, internal: object) -> Value | None:
    if not _is_number(internal):
        return None
    number = cast("float", internal)
    if distribution.choices is not None:
        place = int(number)
        return distribution.choices[place] if 0 <= place < len(distribution.choices) else None
    return round(number) if distribution.whole else float(number)


def read_space(
    drawn: Mapping[str, Drawn], trials: int, naming: Naming, findings: Findings
) -> tuple[Searched, ...]:
    """The parameters, those that condition others first.

    One that only some trials have is conditional: a choice that tells exactly which is what it
    hangs on; where there is none, it is searched in every trial.
    """
    names: dict[str, str] = {}
    made: list[Searched] = []
    for origin in sorted(drawn, key=lambda each: -len(drawn[each].values)):
        parameter = drawn[origin]
        if parameter.broken:
            findings.wrong(
                f"the parameter `{origin}` {parameter.broken}",
                None,
                "",
                "leave it out of the study, or write the space by hand",
            )
            continue
        if not parameter.values:
            continue
        names[origin] = naming.parameter(origin, None)
        one = _whole(origin, parameter, findings)
        if one is None:
            continue
        when = _condition(origin, drawn, names, trials, findings)
        made.append(
            Searched(
                name=names[origin],
                origin=origin,
                range=one.choices
                if one.choices is not None
                else Bounds(round(one.low), round(one.high))
                if one.whole
                else Bounds(float(one.low), float(one.high)),
                log=one.log,
                step=_step(one),
                when=when,
            )
        )
    return tuple(made)


def _step(one: Distribution) -> int | float | None:
    if one.step is None or one.choices is not None:
        return None
    if one.whole:
        return None if one.step == 1 else round(one.step)
    return float(one.step)


def _whole(origin: str, parameter: Drawn, findings: Findings) -> Distribution | None:
    """The one distribution that holds all of them."""
    first, *others = parameter.distributions.values()
    if not others:
        if first.choices is not None and len(first.choices) == 1:
            return first
        if first.choices is None and first.low == first.high:
            only: Value = round(first.low) if first.whole else float(first.low)
            return Distribution(choices=(only,))
        return first
    if any((each.choices is None) != (first.choices is None) for each in others):
        findings.wrong(
            f"the parameter `{origin}` is a choice in some trials and a number in others",
            None,
            "",
            "give it two names in the study, or write the space by hand",
        )
        return None
    findings.otherwise(
        f"the range of `{origin}` changed from trial to trial; the spec has all of them as one",
        None,
        "",
        "write what a range hangs on as a constraint",
    )
    if first.choices is not None:
        values = {(type(v), v): v for each in (first, *others) for v in each.choices or ()}
        return Distribution(choices=tuple(values.values()))
    everything = (first, *others)
    low, high = min(e.low for e in everything), max(e.high for e in everything)
    same = {(e.step, e.log) for e in everything} == {(first.step, first.log)}
    return Distribution(
        all(e.whole for e in everything),
        low,
        high,
        all(e.log for e in everything),
        first.step if same and (high - low) % (first.step or 1) == 0 else None,
    )


def _condition(
    origin: str,
    drawn: Mapping[str, Drawn],
    names: Mapping[str, str],
    trials: int,
    findings: Findings,
) -> str | None:
    mine = drawn[origin].values.keys()
    others = (each for each in names if each != origin and drawn[each].values)
    if len(mine) == max((len(d.values) for d in drawn.values()), default=0):
        return None
    for other in others:
        having = drawn[other].values
        kinds = next(iter(drawn[other].distributions.values())).choices
        if kinds is None or len(kinds) > _BRANCHES or not mine <= having.keys():
            continue
        inside = {_mark(having[trial]) for trial in mine}
        outside = {_mark(value) for trial, value in having.items() if trial not in mine}
        if inside & outside:
            continue
        values = [value for value in kinds if _mark(value) in inside]
        name = names[other]
        said = (
            f"{name} == {value_to_text(values[0])}"
            if len(values) == 1
            else f"{name} in {{{', '.join(map(value_to_text, values))}}}"
        )
        findings.otherwise(
            f"`{origin}` is in {len(mine)} of {trials} trials, those where `{said}`",
            None,
            "",
            "look whether the condition is meant so: Optuna does not keep it",
        )
        return said
    findings.otherwise(
        f"`{origin}` is in {len(mine)} of {trials} trials, and no choice says in which; the spec "
        "searches it in all",
        None,
        "",
        "write `when` on it, or take its default where it is missing",
    )
    return None


def _mark(value: Value) -> tuple[type, Value]:
    return type(value), value
