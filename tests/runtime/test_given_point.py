"""Points that people give: arrays, orders and subsets as lists, defaults for the rest."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from omniforce.runtime.rewards import search_of
from omniforce.runtime.steering.given_point import given_point
from omniforce.spec.arguments import to_arguments
from omniforce.spec.problem import Problem
from omniforce.spec.space import Space

from .exchange.studies import program_of, spec

SPACE = """
depth: 1...3 default 2
width: 8...64 count depth
order: permutation {conv, norm, pool}
augment: {type: subset, range: {flip, crop, blur}, size: 1...2, default: [crop]}
family: "{mlp, cnn}"
kernel: ordinal {3, 5} when family == cnn
"""


def space() -> Space:
    return search_of(program_of(spec(SPACE, ["maximize accuracy"]))).space


def test_lists_are_given_as_a_trial_gets_them() -> None:
    given = {
        "width": [8, 16],
        "order": ["pool", "conv", "norm"],
        "augment": ["flip", "blur"],
        "family": "cnn",
        "kernel": 5,
    }
    assert to_arguments(space(), given_point(space(), given)) == {"depth": 2, **given}


def test_what_is_missing_gets_its_default() -> None:
    given = {"depth": 1, "width": [8], "order": ["conv", "norm", "pool"], "family": "mlp"}
    assert to_arguments(space(), given_point(space(), given)) == {**given, "augment": ["crop"]}


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"ordr": 1}, "there is no parameter `ordr`"),
        ({"order": ["conv", "norm"]}, "`order` is `['conv', 'norm']`, which leaves out `pool`"),
        (
            {"order": ["conv", "conv", "pool"]},
            "`order` is `['conv', 'conv', 'pool']`, which is no permutation of its values",
        ),
        ({"augment": ["rain"]}, "`augment` is `['rain']`, which is no subset of its values"),
        ({"kernel": 5}, "`kernel` is not active there"),
        ({"width": [8, "many"]}, "`width[1]` is `many`, which its range does not hold"),
        ({"width": [8]}, "`width[1]` is missing, and has no default"),
    ],
)
def test_what_is_no_point_is_refused(more: Mapping[str, object], message: str) -> None:
    given = {"width": [8, 16], "order": ["pool", "conv", "norm"], "family": "mlp", **more}
    with pytest.raises(Problem) as refused:
        given_point(space(), given)
    assert (refused.value.diagnostic.code, str(refused.value)) == ("OFC783", message)
