"""A weight, a reference and a choice of one point of the front each need somebody to read them."""

from __future__ import annotations

from collections.abc import Iterator

from ..expression.tree import KneeModel, Objective, WeightedModel
from ..source import Path
from .finding import Finding, Place, Readable

MODEL = ("spec", "deployment", "model")


def read_wishes(document: Readable) -> Iterator[Finding]:
    """Weights are read by `model: weighted`; references and bends by fronts, of two objectives."""
    if not document.complete("spec", "objectives"):
        return
    objectives = [(p, g) for p, g in document.goals() if isinstance(g, Objective)]
    if len(objectives) == 1:
        yield from _alone(document, *objectives[0])
        return
    chosen = document.values.get(MODEL)
    if document.complete(*MODEL) and not isinstance(chosen, WeightedModel):
        for path, objective in objectives:
            if objective.weight is not None:
                yield _weight(path, objective, chosen is not None)
                return


def _weight(path: Path, objective: Objective, model: bool) -> Finding:
    return Finding(
        "OFC332",
        f"nothing reads the weight of `{objective.metric.name}`",
        Place(path, objective.at),
        "has a weight",
        "write `model: weighted` under `deployment`, or remove the weights",
        (Place(MODEL), "chooses without weights") if model else None,
    )


def _alone(document: Readable, path: Path, objective: Objective) -> Iterator[Finding]:
    for what, value in (("weight", objective.weight), ("reference", objective.reference)):
        if value is not None:
            yield Finding(
                "OFC332",
                f"`{objective.metric.name}` is the only objective, so nothing reads its {what}",
                Place(path, objective.at),
                f"has a {what}",
                f"remove the {what}",
            )
    chosen = document.values.get(MODEL)
    if isinstance(chosen, KneeModel | WeightedModel):
        word = "knee" if isinstance(chosen, KneeModel) else "weighted"
        yield Finding(
            "OFC333",
            f"`{word}` chooses between objectives, and there is one",
            Place(MODEL, chosen.at),
            "nothing to weigh",
            "write `best`",
        )
