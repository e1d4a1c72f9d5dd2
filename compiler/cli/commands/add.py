"""`ofc add`: one trial that a person wants to see."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from omniforce.spec.nodes import MappingNode, Node, Scalar
from omniforce.spec.source import Source

from ..access import Place, access_options
from ..output import DATA, Output, output_options, pass_output
from ..state import late

if TYPE_CHECKING:
    from omniforce.runtime.store.trial import Trial


@click.command()
@click.argument("study")
@click.argument("values", metavar="NAME=VALUE...", nargs=-1)
@access_options
@output_options(formats=DATA)
@pass_output
def command(output: Output, study: str, values: tuple[str, ...], place: Place) -> None:
    """Propose one trial of STUDY by hand, as `ofc add digits lr=0.1 depth=3`.

    Values are written as in a spec, lists as `channels=[8, 16]`. What is not given gets its
    default. The trial counts against the budget; the search learns from it as from any other.
    """
    given = _given(values)
    with late(), place.open(study) as access:
        trial = access.add(given)
    output.document(_plain(study, trial), f"trial {trial.number}: {_shown(trial)}\n")


def _given(values: tuple[str, ...]) -> dict[str, object]:
    """The values by name.

    Raises:
        click.UsageError: one is no value of a parameter.
    """
    found: dict[str, object] = {}
    for each in values:
        name, equals, text = each.partition("=")
        name = name.strip()
        if not equals or not name:
            raise click.UsageError(f"`{each}` sets nothing: write `name=value`")
        if name in found:
            raise click.UsageError(f"`{name}` stands twice")
        found[name] = _value(name, text)
    return found


def _value(name: str, text: str) -> object:
    from omniforce.spec.yaml.reader import read_yaml

    node, errors = read_yaml(Source(name, text)) if len(text) <= 100_000 else (None, ())
    if node is None or errors or isinstance(node, MappingNode):
        raise click.UsageError(
            f"`{name}` is `{text[:60]}`, which is no value: write a number, a word, or a list "
            "such as `[8, 16]`"
        )
    return _plain_value(node)


def _plain_value(node: Node) -> object:
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, MappingNode):
        return None  # a point has none, and says so
    return [_plain_value(item) for item in node.items]


def _plain(study: str, trial: Trial) -> dict[str, object]:
    return {
        "study": study,
        "trial": trial.number,
        "state": trial.state,
        "origin": trial.origin,
        "parameters": dict(trial.point),
    }


def _shown(trial: Trial) -> str:
    from omniforce.runtime.quantities import show_value

    return " ".join(f"{name}={show_value(value)}" for name, value in trial.point.items())
