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
    "bnn": Part(
        "surrogates.bayesian_network.surrogate:BayesianNetwork",
        (
            Option("draws", int, "how many networks are kept", 32, minimum=2),
            Option("burn_in", int, "steps before the first of them", 2000, minimum=1),
            Option("apart", int, "steps from one to the next", 50, minimum=1),
        ),
    ),
    "gp": Part("surrogates.gaussian_process.surrogate:GaussianProcess"),
    "last-layer": Part(
        "surrogates.last_layer:LastLayer",
        (
            Option("networks", int, "how many are trained", 5, minimum=2),
            Option("steps", int, "of training, for each of them", 50, minimum=1),
        ),
    ),
    "of": Part(
        "surrogates.of.surrogate:OF",
        (
            Option("structure", bool, "whether declared cells are looked into", True),
            Option("relevance", bool, "whether every variable has a weight of its own", True),
            Option("every", int, "how many trials apart two fits are", 3, minimum=1),
        ),
    ),
    "of-hd": Part(
        "surrogates.of_hd:OfHd",
        (Option("folds", int, "shares of the trials that are held out in turn", 3, minimum=2),),
    ),
    "of-trans": Part("surrogates.of_trans.surrogate:OFTrans"),
    "random-forest": Part(
        "surrogates.random_forest:RandomForest",
        (Option("trees", int, "how many are grown", 30, minimum=2),),
    ),
}

ACQUISITIONS: Mapping[str, Part] = {
    "ehvi": Part("acquisitions.ehvi:EHVI"),
    "ei": Part("acquisitions.ei:EI"),
    "feasibility": Part("acquisitions.feasibility:Feasibility"),
    "joint-entropy": Part(
        "acquisitions.joint_entropy:JointEntropy",
        (Option("samples", int, "how many best points are drawn", 8, minimum=1),),
    ),
    "lcb": Part(
        "acquisitions.lcb:LCB",
        (
            Option(
                "kappa",
                float,
                "how many deviations are hoped for; by the number of trials if left out",
                None,
                minimum=0,
            ),
        ),
    ),
    "log-ei": Part("acquisitions.log_ei:LogEI"),
    "log-nehvi": Part(
        "acquisitions.log_nehvi:LogNEHVI",
        (Option("samples", int, "posterior draws, each with its front", 16, minimum=1),),
    ),
    "log-nei": Part(
        "acquisitions.log_nei:LogNEI",
        (Option("samples", int, "posterior draws", 64, minimum=1),),
    ),
    "max-value-entropy": Part(
        "acquisitions.max_value_entropy:MaxValueEntropy",
        (Option("samples", int, "how many best figures are drawn", 32, minimum=1),),
    ),
    "mc-ei": Part(
        "acquisitions.mc_ei:MonteCarloEI",
        (Option("samples", int, "posterior draws", 64, minimum=1),),
    ),
    "per-second": Part(
        "acquisitions.per_second:PerSecond",
        (Option("cooling", bool, "whether seconds count by the budget that is left", True),),
    ),
    "thompson": Part("acquisitions.thompson:Thompson"),
}

GENERATORS: Mapping[str, Part] = {
    "mixed": Part("generators.mixed:Mixed"),
    "perturbation": Part("generators.perturbation:Perturbation"),
    "priors": Part("generators.priors:Priors"),
    "shrinking": Part(
        "generators.shrinking:Shrinking",
        (
            Option(
                "outside",
                float,
                "the share of values drawn from all of their axis",
                0.1,
                minimum=0,
            ),
            Option("widen", float, "by which share the box grows at each side", 0.25, minimum=0),
        ),
    ),
    "sobol": Part("generators.sobol:Sobol"),
}

OPTIMIZERS: Mapping[str, Part] = {
    "alternating": Part(
        "optimizers.alternating:Alternating",
        (
            Option("rounds", int, "how many turns each kind of step has", 3, minimum=1),
            Option("starts", int, "how many points are followed uphill in a turn", 4, minimum=1),
            Option("steps", int, "iterations of each at most", 30, minimum=1),
        ),
    ),
    "exhaustive": Part("optimizers.exhaustive:Exhaustive"),
    "lbfgs": Part(
        "optimizers.lbfgs:LBFGS",
        (
            Option("starts", int, "how many points are followed uphill", 8, minimum=1),
            Option("steps", int, "iterations of each at most", 60, minimum=1),
        ),
    ),
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
    "fantasies": Part(
        "suggesters.fantasies:Fantasies",
        (Option("samples", int, "how many draws of what is pending", 8, minimum=1),),
    ),
    "joint": Part("suggesters.joint:Joint"),
    "local-penalisation": Part(
        "suggesters.local_penalisation:LocalPenalisation",
        (Option("steepness", float, "by which the slope found is multiplied", 1.0, minimum=0),),
    ),
    "sequential": Part("suggesters.sequential:Sequential"),
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
