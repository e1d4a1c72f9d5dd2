"""`ofc analyze`: how large a search space is, how much of it takes part, and what is feasible."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from omniforce.spec.expression.print import number_to_text, value_to_text
from omniforce.spec.space import Choice

from ...diagnostics.json_ import plain_diagnostics
from ...pipeline import compile_study
from .. import exits
from ..composition import Chosen, catalogue, load_spec, sources, spec_options
from ..output import Output, output_options, pass_output, plural

if TYPE_CHECKING:
    from omniforce.spec.analysis.analysis import Analysis, Estimate
    from omniforce.spec.expression.tree import Value
    from omniforce.spec.space import Domain, Space


@click.command()
@spec_options
@output_options()
@pass_output
def command(output: Output, chosen: Chosen) -> int:
    """Say how large the search space of a spec is, before anything runs.

    Counts its points and those that keep the constraints, says how much of it takes part in a
    trial, and gives advice on scales. What cannot be counted is estimated, with its error.
    """
    from omniforce.spec.analysis.analysis import analyze

    loaded = load_spec(chosen)
    compiled = compile_study(loaded, catalogue())
    output.diagnose(compiled.diagnostics, sources([loaded]))
    study = loaded.study
    found = analyze(study.spec.search_space, study.spec.search.seed) if study else None
    output.document(
        {
            "study": study.metadata.name if study else None,
            "space": _plain(found) if found else None,
            "diagnostics": plain_diagnostics(compiled.diagnostics),
        },
        _text(study.metadata.name, study.spec.search_space, found) if study and found else "",
    )
    return exits.INVALID if any(d.is_error for d in compiled.diagnostics) else exits.OK


def _plain(found: Analysis) -> dict[str, object]:
    finite = found.dimensions == (0, 0)
    return {
        "parameters": [
            {"name": p.name, "places": p.places, "active": p.active, "hint": p.hint or None}
            for p in found.parameters
        ],
        "coordinates": found.coordinates,
        "cardinality": found.combinations if finite else None,
        "combinations": found.combinations,
        "continuousDimensions": found.dimensions,
        "feasibleCombinations": found.feasible_combinations,
        "active": _plain_estimate(found.active),
        "feasible": None if found.feasible is None else _plain_estimate(found.feasible),
    }


def _plain_estimate(estimate: Estimate) -> dict[str, object]:
    return {"value": estimate.value, "standardError": estimate.error}


def _text(name: str, space: Space, found: Analysis) -> str:
    parts = (plural(len(found.parameters), "parameter"), plural(found.coordinates, "coordinate"))
    lines = [
        f"search space of {name}: {', '.join(parts)}",
        f"  points    {_points(found)}",
        f"  active    {_figure(found.active)} of {found.coordinates:,} coordinates in a trial",
    ]
    if found.feasible is not None:
        lines.append(f"  feasible  {_feasible(found, len(space.constraints))}")
    shown = {c.name: _domain(c.domain) for c in reversed(space.coordinates)}
    shown |= {c.name: f"{c.kind} {_listed(c.values)}" for c in space.composites}
    called = {c.name: _called(c.name, c.argument) for c in space.coordinates}
    names = max(len("parameter"), *map(len, called.values()))
    domains = max(map(len, shown.values()))
    lines += ["", f"  {'parameter'.ljust(names)}  {'takes'.ljust(domains)}  part in trials"]
    for each in found.parameters:
        taking = _taking(each.active, each.places)
        line = f"  {called[each.name].ljust(names)}  {shown[each.name].ljust(domains)}  {taking}"
        lines.append(f"{line}  ({each.hint})" if each.hint else line)
    return "\n".join(lines) + "\n"


def _called(name: str, argument: str) -> str:
    """As the spec calls it, and which of several branches' it is."""
    return argument if name == argument else f"{argument} ({name.removeprefix(argument + '__')})"


def _domain(domain: Domain) -> str:
    match domain:
        case Choice(values=values):
            return _listed(values)
        case _:
            text = f"{number_to_text(domain.low)}...{number_to_text(domain.high)}"
            step = f" step {number_to_text(domain.step)}" if domain.step not in (None, 1) else ""
            return f"{text}{step}{'' if domain.scale == 'linear' else f' {domain.scale}'}"


def _listed(values: tuple[Value, ...]) -> str:
    text = ", ".join(map(value_to_text, values))
    return f"{{{text}}}" if len(text) <= 38 else f"{{{text[:36]}...}}"


def _feasible(found: Analysis, constraints: int) -> str:
    if found.conflict:
        return "nothing: the constraints cannot hold together"
    if found.feasible is None:
        return "everything"
    which = "constraint" if constraints == 1 else f"{constraints} constraints"
    return f"{_share(found.feasible)} of random points keep the {which}"


def _points(found: Analysis) -> str:
    if found.dimensions is None:
        return "not counted: a condition reads a number of a continuum, or too much hangs together"
    low, high = found.dimensions
    text = _whole(found.combinations or 0)
    if high > 0:
        numbers = plural(high, "number") if low == high else f"{low} to {high} numbers"
        text = f"{text} combinations, each with {numbers} of a continuum"
    if found.feasible_combinations in (None, found.combinations):
        return text
    return f"{text}; {_whole(found.feasible_combinations or 0)} of them keep the constraints"


def _whole(count: int) -> str:
    return f"{count:,}" if count < 10**7 else f"{count:.3g}".replace("e+0", "e").replace("e+", "e")


def _figure(estimate: Estimate) -> str:
    error = f" ± {estimate.error:.2g}" if estimate.error else ""
    return f"{_three_digits(estimate.value)}{error}"


def _three_digits(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


def _share(estimate: Estimate) -> str:
    if estimate.error and estimate.value == 0.0:
        return f"under {3 * estimate.error:.2%}"
    error = f" ± {estimate.error:.2%}" if estimate.error else ""
    return f"{estimate.value:.2%}{error}"


def _taking(active: float, places: int) -> str:
    return f"{active:.0%}" if places == 1 else f"{_three_digits(active)} of {places:,}"
