"""Which parts there are, by name; the modules behind them import torch, and this one does not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from omniforce.spec.expression.tree import Value

from ..options import Option

AUTO = "auto"


@dataclass(frozen=True, slots=True)
class Part:
    """Where a part stands, and what the spec may set on it.

    Attributes:
        where: module and class, below this package.
        options: as the fields of the class; here too, since the compiler imports no torch.
    """

    where: str
    options: tuple[Option, ...] = ()


SURROGATES: Mapping[str, Part] = {
    "gp": Part("surrogates.gaussian_process.surrogate:GaussianProcess"),
}

ACQUISITIONS: Mapping[str, Part] = {
    "ehvi": Part("acquisitions.ehvi:EHVI"),
    "log-ei": Part("acquisitions.log_ei:LogEI"),
}

GENERATORS: Mapping[str, Part] = {
    "mixed": Part("generators.mixed:Mixed"),
}

OPTIMIZERS: Mapping[str, Part] = {
    "local-search": Part(
        "optimizers.local_search:LocalSearch",
        (Option("rounds", int, "how often the best are perturbed", 3, minimum=0),),
    ),
}

SUGGESTERS: Mapping[str, Part] = {
    "constant-liar": Part(
        "suggesters.constant_liar:ConstantLiar",
        (
            Option(
                "lie",
                str,
                "what is believed of trials that are out",
                "expected",
                words=("best", "expected", "mean", "worst"),
            ),
        ),
    ),
}

SETS: Mapping[str, Mapping[str, Part]] = {
    "surrogate": SURROGATES,
    "acquisition": ACQUISITIONS,
    "generator": GENERATORS,
    "optimizer": OPTIMIZERS,
    "suggester": SUGGESTERS,
}
"""All parts by the option that names them."""


def words(kind: str) -> tuple[str, ...]:
    """What the spec may write for a set of parts, sorted."""
    return (AUTO, *sorted(SETS[kind]))


def options_of_part(kind: str, name: str) -> Sequence[Option]:
    """What may be set on a part; nothing on one that is left to the strategy."""
    return SETS[kind][name].options if name in SETS[kind] else ()


def make_part(kind: str, name: str, options: Mapping[str, Value]) -> Any:
    """A part with its options; they are checked already."""
    module, _, class_ = SETS[kind][name].where.partition(":")
    return getattr(import_module(f".{module}", __package__), class_)(**options)
