"""Our domains as Optuna's distributions."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from omniforce.spec.space import Choice, Domain, FloatRange, IntRange, cardinality

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution


def distribution_of(domain: Domain) -> tuple[BaseDistribution, str]:
    """Optuna's distribution of a domain, and what it cannot say of it."""
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    match domain:
        case IntRange(low=low, high=high, scale=scale, step=step):
            last = low + ((cardinality(domain) or 1) - 1) * step
            if scale == "log" and step != 1:
                return IntDistribution(low, last, log=True), "has a step, which none on a log scale"
            if scale == "log":
                return IntDistribution(low, high, log=True), ""
            note = "is on a logit scale, which Optuna has not" if scale == "logit" else ""
            return IntDistribution(low, last, step=step), note
        case FloatRange(low=low, high=high, scale=scale, step=step):
            if scale == "log":
                note = "has a step, which none has on a log scale" if step is not None else ""
                return FloatDistribution(low, high, log=True), note
            note = "is on a logit scale, which Optuna has not" if scale == "logit" else ""
            if step is None:
                return FloatDistribution(low, high), note
            end = low + ((cardinality(domain) or 1) - 1) * step
            return FloatDistribution(low, float(f"{end:.12g}"), step=step), note
        case Choice(values=values):
            return CategoricalDistribution(values), ""


def holding(distribution: BaseDistribution, value: Any) -> BaseDistribution:
    """The distribution, or of a value beyond it (of an older revision) one that has it."""
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            inner = distribution.to_internal_repr(value)
            if distribution._contains(inner):  # pyright: ignore[reportPrivateUsage]
                return distribution
        except ValueError:
            pass
    match value:
        case bool() | str():
            return CategoricalDistribution((value,))
        case int():
            return IntDistribution(value, value)
        case _:
            return FloatDistribution(value, value)
