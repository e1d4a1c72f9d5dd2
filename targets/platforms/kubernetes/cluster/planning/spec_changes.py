"""What has changed in a spec, from the program that lives and the one that was compiled now.

The spec that a live study came from is nowhere any more; its program is. Both programs are walked
side by side, and each place in them is led back to the place of the spec that it was copied from.
What a pass worked out from other values (a worst case, a cache key, a permission) is no change of
its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final, cast

from omniforce.compiler.canonical import canonical
from omniforce.compiler.ir.program import Program, Serve
from omniforce.spec.frozen import dataclass
from omniforce.spec.plain.values import to_plain
from omniforce.spec.source import Path, Span

from .difference import same
from .hidden import hide

Way = tuple[str, ...]
"""A path in a plain program; items of lists by their name, behind an `@`."""

Plain = dict[str, object]

_DERIVED: Final = frozenset(
    {"digest", "span", "worstCaseSeconds", "cacheKey", "permissions", "runner", "inputs", "after"}
)
_DATA: Final = "spec.data"
_TRIAL: Final = "spec.search.trial"
_FIELDS: Final[Mapping[tuple[str, str], str]] = {
    ("Prepare", "source"): f"{_DATA}.source",
    ("Prepare", "target"): f"{_DATA}.target",
    ("Prepare", "split"): f"{_DATA}.split",
    ("Prepare", "features"): f"{_DATA}.features",
    ("Search", "algorithm"): "spec.algorithm",
    ("Search", "arguments"): "spec.algorithm.arguments",
    ("Search", "space"): "spec.searchSpace",
    ("Search", "goals"): "spec.objectives",
    ("Search", "strategy"): "spec.search.strategy",
    ("Search", "budget"): "spec.search.budget",
    ("Search", "parallelism"): "spec.search.parallelism",
    ("Search", "seed"): "spec.search.seed",
    ("Search", "timeout"): f"{_TRIAL}.timeout",
    ("Search", "retries"): f"{_TRIAL}.retries",
    ("Search", "resources"): f"{_TRIAL}.resources",
    ("Search", "devices"): "spec.devices",
    ("Search", "model"): "spec.deployment.model",
    ("Search", "privacy"): f"{_DATA}.privacy",
    ("Train", "algorithm"): "spec.algorithm",
    ("Train", "arguments"): "spec.algorithm.arguments",
    ("Train", "seed"): "spec.search.seed",
    ("Train", "privacy"): f"{_DATA}.privacy",
    ("Serve", "scale"): "spec.deployment.scale",
    ("Serve", "rollout"): "spec.deployment.rollout",
    ("Serve", "logger"): "spec.deployment.logger",
    ("Explain", "method"): "spec.deployment.explain",
    ("Watch", "monitor"): "spec.deployment.monitor",
}
"""Which place of the spec a field of a step was copied from."""

_STEPS: Final[Mapping[str, str]] = {
    "Prepare": _DATA,
    "Search": "spec.search",
    "Train": "spec.algorithm",
    "Register": "spec.deployment",
    "Serve": "spec.deployment",
    "Explain": "spec.deployment.explain",
    "Watch": "spec.deployment.monitor",
    "Advise": "spec.search",
    "Notify": "spec.deployment",
}
"""Which place of the spec asks for a step."""


@dataclass(frozen=True, slots=True)
class SpecChange:
    """One value of the spec that is another one.

    Attributes:
        path: in the spec, with dots.
        before: in the words of the language, or None where it was not there.
        after: in the words of the language, or None where it is not there any more.
        span: where the spec says it now; the nearest block where it says nothing.
        ways: where in the program it stands.
    """

    path: str
    before: str | None
    after: str | None
    span: Span | None
    ways: tuple[Way, ...]


def spec_changes(
    before: Program, after: Program, spans: Mapping[Path, Span]
) -> tuple[SpecChange, ...]:
    """The values that differ, in the order of the new spec's program, each place once."""
    found: dict[str, SpecChange] = {}
    for way, old, new in _walk((), plain_program(before), plain_program(after)):
        path = _path(way, old, new)
        if path is None:
            continue
        known = found.get(path)
        ways = (*(known.ways if known else ()), way)
        shown = _shown(way, old), _shown(way, new)
        first = known or SpecChange(path, *shown, place(path, spans), ())
        found[path] = SpecChange(path, first.before, first.after, first.span, ways)
    return tuple(_with_sizes(c, after) for c in found.values())


def _with_sizes(change: SpecChange, program: Program) -> SpecChange:
    """The change with what `size-resources` works out from it alone, so that it moves along."""
    ways: tuple[Way, ...] = ()
    if change.path.startswith("spec.search.trial.resources"):
        ways = (("steps", "@train", "resources"), ("steps", "@prepare", "resources"))
    for serve in (s for s in program.steps if isinstance(s, Serve)):
        if change.path.startswith(f"spec.devices.{serve.device.name}"):
            ways = (("steps", "@serve", "device"), ("steps", "@serve", "resources"))
    return replace(change, ways=(*change.ways, *ways))


def plain_program(program: Program) -> Plain:
    """A program as plain values, without places."""
    plain = cast("Plain", to_plain(program))
    return {k: v for k, v in plain.items() if k != "places"}


def place(path: str, spans: Mapping[Path, Span]) -> Span | None:
    """Where the spec says a value, or the nearest block around it, but for `spec` itself."""
    parts: tuple[str, ...] = tuple(path.split("."))
    if parts[:2] == ("spec", "searchSpace") and len(parts) > 2:
        # a parameter may stand below another one, in a submodule
        for known, span in spans.items():
            if known[:2] == parts[:2] and known[-1] == parts[2]:
                return span
    around = (spans.get(parts[:end]) for end in range(len(parts), 1, -1))
    return next((span for span in around if span is not None), None)


def _shown(way: Way, value: object) -> str | None:
    """A value in a line; of a whole step only that it is there, and a parameter as a range."""
    if value is None or value == []:
        return None
    if isinstance(value, Mapping) and len(way) == 2 and way[0] == "steps":
        return "here"
    if isinstance(value, Mapping) and "domain" in value:
        return _range(cast("Mapping[str, object]", value))
    if isinstance(value, list) and way[-1] == f"@{name_of_item(value)}":
        value = cast("list[object]", value)[1]  # a name with its value
    return hide(value if isinstance(value, str) else canonical(value))


def _range(coordinate: Mapping[str, object]) -> str:
    """A parameter in the words of the language, as far as one line goes."""
    domain = cast("Mapping[str, object]", coordinate["domain"])
    values = domain.get("values")
    if isinstance(values, list):
        said = f"{{{', '.join(map(str, values))}}}"
    else:
        scale = "" if domain.get("scale") == "linear" else f" {domain.get('scale')}"
        said = f"{domain.get('low')}...{domain.get('high')}{scale}"
        said += f" step {step}" if (step := domain.get("step")) not in (None, 1) else ""
    default = coordinate.get("default")
    conditions = cast("list[str]", coordinate.get("conditions") or [])
    said += "" if default is None else f", default {default}"
    return said + (f" when {' and '.join(conditions)}" if conditions else "")


def _walk(way: Way, old: object, new: object) -> Iterator[tuple[Way, object, object]]:
    """Every place at which the two differ, as deep as both have the same shape."""
    if same(old, new):
        return
    whole = isinstance(new, dict) and "domain" in new
    if not whole and isinstance(old, dict) and isinstance(new, dict) and _alike(old, new):
        for key in (*new, *(k for k in old if k not in new)):
            yield from _walk((*way, str(key)), old.get(key), new.get(key))
    elif (pairs := named_pairs(old, new)) is not None:
        for name, (before, after) in pairs.items():
            yield from _walk((*way, f"@{name}"), before, after)
    else:
        yield way, old, new


def _alike(old: Plain, new: Plain) -> bool:
    return old.get("kind") == new.get("kind")


def named_pairs(old: object, new: object) -> dict[str, tuple[object, object]] | None:
    """The items of two lists by name, or None where they have none."""
    first, second = _named(old), _named(new)
    if first is None or second is None:
        return None
    return {n: (first.get(n), second.get(n)) for n in (*second, *(n for n in first))}


def _named(items: object) -> dict[str, object] | None:
    if not isinstance(items, list):
        return None
    found: dict[str, object] = {}
    for item in cast("list[object]", items):
        name = name_of_item(item)
        if name is None or name in found:
            return None
        found[name] = item
    return found


def name_of_item(item: object) -> str | None:
    """What tells an item from its neighbours: its name, with its place in an array."""
    if isinstance(item, list) and len(item) == 2 and isinstance(item[0], str):
        return item[0]  # a name with its value
    if not isinstance(item, Mapping):
        return None
    known = cast("Mapping[str, object]", item)
    name, index = known.get("name"), known.get("index")
    if not isinstance(name, str):
        return None
    return f"{name}{index}" if index else name


def _path(way: Way, old: object, new: object) -> str | None:
    """The place of the spec that a place of the program was copied from; None for what is not."""
    if way[0] == "name":
        return "metadata.name"
    if way[0] == "labels":
        return "metadata.labels"
    if way[0] == "platform":
        return ".".join(("spec", *way))
    if way[0] != "steps" or len(way) < 2:
        return None
    name, field, rest = way[1][1:], way[2] if len(way) > 2 else "", way[3:]
    if field in _DERIVED:
        return None
    kind = _kind_of_step(name, old, new)
    if kind in ("Convert", "Measure"):
        return _of_device(name, field, rest)
    if kind == "Serve" and field == "device":
        return None  # said by the device's own step, or by `to`
    if not field:
        return _STEPS[kind]
    if kind != "Search" and field == "resources":
        return None  # sized from the trial's, or from the device's threads
    base = _FIELDS.get((kind, field), _STEPS[kind])
    if base == "spec.searchSpace":
        return _in_space(rest)
    inside = (part.removeprefix("@") for part in rest)
    return ".".join((base, *inside))


def _of_device(step: str, field: str, rest: Way) -> str | None:
    if field and field != "device":
        return None
    name = step.removeprefix("measure-").removeprefix("convert-")
    base = "spec.devices" if name == "convert" else f"spec.devices.{name}"
    # of the device that serves, `measure-<name>` says the same with the name
    return None if name == "convert" else ".".join((base, *rest))


def _in_space(rest: Way) -> str:
    if rest[:1] == ("constraints",):
        return "spec.constraints"
    named = [part[1:].partition("[")[0] for part in rest if part.startswith("@")]
    return ".".join(("spec.searchSpace", *named[:1]))


_KINDS: Final = {
    "prepare": "Prepare",
    "search": "Search",
    "train": "Train",
    "register": "Register",
    "serve": "Serve",
    "explain": "Explain",
    "watch": "Watch",
    "convert": "Convert",
}


def _kind_of_step(name: str, old: object, new: object) -> str:
    for each in (new, old):
        if isinstance(each, dict) and isinstance(kind := each.get("kind"), str) and kind in _STEPS:
            return kind
    if name.startswith(("measure-", "convert-")):
        return "Measure"
    return _KINDS.get(name, "Search")
