"""Which trials are wanted, in the language's own expressions.

`accuracy > 0.9 and depth <= 3 and state == completed`. A comparison that reads what a trial has
not does not hold; so `rating >= 4 or accuracy > 0.9` wants unrated trials too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import cast

from omniforce.spec.expression.evaluate import EvaluationProblem, evaluate, is_present, names
from omniforce.spec.expression.parse import parse
from omniforce.spec.expression.syntax_problem import SyntaxProblem
from omniforce.spec.expression.tree import (
    And,
    Binary,
    Compare,
    Expression,
    Literal_,
    Name,
    Not,
    Or,
    Value,
)
from omniforce.spec.problem import Problem
from omniforce.spec.readers import nearest
from omniforce.spec.space import Assignment

from ..store.trial import Trial
from .trial_facts import TrialFacts

NO_CONDITION = "OFC794"

_QUOTED = re.compile(r'("(?:[^"\\]|\\.)*")')


@dataclass(frozen=True, slots=True)
class TrialCondition:
    """A condition, read once and asked of many trials."""

    text: str
    expression: Expression
    stand_ins: tuple[tuple[str, str], ...]

    @classmethod
    def read(cls, text: str, known: Collection[str]) -> TrialCondition:
        """A condition over the names that are known.

        Metrics whose keys are no names of the language, such as `latency.p95@server`, are written
        as they are, or as in an objective: `latency.p95 on server`.

        Raises:
            Problem: it cannot be read, or speaks of something else.
        """
        odd = [name for name in known if not re.fullmatch(r"[A-Za-z_]\w*(\[\d+\])*", name)]
        stand_ins = tuple((name, f"m__{place}") for place, name in enumerate(odd))
        try:
            tree = cast("Expression", parse("condition", _replaced(text, stand_ins)))
        except SyntaxProblem as wrong:
            raise Problem(
                NO_CONDITION, f"`{_short(text)}` is no condition: {wrong.message}", wrong.help
            ) from wrong
        meant = {*known, *(word for _, word in stand_ins)}
        tree = _with_words(tree, meant)
        for name in names(tree):
            if name.id not in meant:
                raise _unknown(name.id, known)
        return cls(text, tree, stand_ins)

    def pick(self, trials: Collection[Trial], facts: TrialFacts) -> tuple[Trial, ...]:
        """The trials of which it holds.

        Raises:
            Problem: it has no value in any of those that have what it reads.
        """
        faults: list[str] = []
        answers: list[bool] = []
        kept: list[Trial] = []
        for trial in trials:
            values = facts.values(trial)
            values |= {word: values[name] for name, word in self.stand_ins if name in values}
            if _Asked(values, faults, answers).holds(self.expression):
                kept.append(trial)
        if faults and not answers:
            raise Problem(
                NO_CONDITION,
                f"`{_short(self.text)}` has no value: {faults[0]}",
                "compare numbers with `<` and `>`, words with `==` and `!=`",
            )
        return tuple(kept)


@dataclass(frozen=True, slots=True)
class _Asked:
    """One trial that is asked; what its comparisons come to goes to `answers` or to `faults`."""

    values: Assignment
    faults: list[str]
    answers: list[bool]

    def holds(self, expression: Expression) -> bool:
        match expression:
            case And(operands=operands):
                return all(map(self.holds, operands))
            case Or(operands=operands):
                return any(map(self.holds, operands))
            case Not(operand=operand):
                return not self.holds(operand)
            case _:
                return self._leaf(expression)

    def _leaf(self, expression: Expression) -> bool:
        if not is_present(expression, self.values):
            return False
        try:
            found = evaluate(expression, self.values)
        except EvaluationProblem as fault:
            self.faults.append(str(fault))
            return False
        if isinstance(found, bool):
            self.answers.append(found)
            return found
        self.faults.append("it is neither true nor false")
        return False


def _replaced(text: str, stand_ins: tuple[tuple[str, str], ...]) -> str:
    """The text with names of the language in the place of metrics that are none."""
    parts = _QUOTED.split(text)
    for place in range(0, len(parts), 2):
        for name, word in sorted(stand_ins, key=lambda each: -len(each[0])):
            metric, at, device = name.partition("@")
            spelt = re.escape(name)
            if at:
                spelt += rf"|{re.escape(metric)}\s+on\s+{re.escape(device)}"
            parts[place] = re.sub(rf"(?<![\w.@])(?:{spelt})(?![\w.@-])", word, parts[place])
    return "".join(parts)


def _with_words(tree: Expression, known: Collection[str]) -> Expression:
    """Bare words that are compared with are words: `state == timed-out`, `optimizer == sgd`."""

    def walk(each: Expression) -> Expression:
        return _with_words(each, known)

    match tree:
        case Compare(operator="==" | "!=", left=left, right=right):
            word = _word(right, known)
            return tree if word is None else replace(tree, left=walk(left), right=Literal_(word))
        case And(operands=operands) | Or(operands=operands):
            return replace(tree, operands=tuple(map(walk, operands)))
        case Not(operand=operand):
            return replace(tree, operand=walk(operand))
        case _:
            return tree


def _word(expression: Expression, known: Collection[str]) -> str | None:
    match expression:
        case Name(name=name, index=()) if name not in known:
            return name
        case Binary(operator="-", left=left, right=right):
            first, second = _word(left, known), _word(right, known)
            return None if first is None or second is None else f"{first}-{second}"
        case _:
            return None


@dataclass(frozen=True, slots=True)
class TrialOrder:
    """By what trials are sorted; those without it come last."""

    name: str
    descending: bool

    @classmethod
    def read(cls, text: str, known: Collection[str]) -> TrialOrder:
        """`accuracy`, or `-accuracy` for the greatest first; also `latency.p95 on server`.

        Raises:
            Problem: no trial has such a thing.
        """
        name = re.sub(r"\s+on\s+", "@", text.strip().removeprefix("-").strip())
        if name not in known:
            raise _unknown(name, known)
        return cls(name, text.strip().startswith("-"))

    def sort(self, trials: Collection[Trial], facts: TrialFacts) -> tuple[Trial, ...]:
        """The trials in this order, equal ones by their number."""
        having: list[tuple[tuple[bool, float, str], Trial]] = []
        without: list[Trial] = []
        for trial in sorted(trials, key=lambda each: each.number):
            value = facts.values(trial).get(self.name)
            if value is None:
                without.append(trial)
            else:
                having.append((_rank(value), trial))
        key: Callable[[tuple[tuple[bool, float, str], Trial]], tuple[bool, float, str]]
        key = lambda each: each[0]  # noqa: E731 - typed above
        # stable both ways: equal ones stay by their number
        ordered = sorted(having, key=key, reverse=self.descending)
        return (*(trial for _, trial in ordered), *without)


def _rank(value: Value) -> tuple[bool, float, str]:
    if isinstance(value, str):
        return (True, 0.0, value)
    return (False, float(value), "")


def _unknown(name: str, known: Collection[str]) -> Problem:
    inside = [each for each in known if each.startswith(f"{name}[")]
    hint = inside[0] if inside else nearest(name, tuple(known))
    return Problem(
        NO_CONDITION,
        f"no trial has `{_short(name)}`",
        f"did you mean `{hint}`?" if hint else f"there are {', '.join(sorted(known)[:40])}",
    )


def _short(text: str) -> str:
    return text if len(text) <= 80 else f"{text[:80]}..."
