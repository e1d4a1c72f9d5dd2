"""`searchSpace`: what is searched over, as a tree (`submodule`), a DAG (`when`, `count`) or both.

The paper's Listing 2 is valid as written. Both forms come down to declarations, each with what it
hangs on; `unroll` makes coordinates of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from ..diagnostic import Related
from ..expression.print import value_to_text
from ..fix import respelled
from ..nodes import Entry, MappingNode, Node, Scalar, SequenceNode
from ..readers import INVALID, Invalid, Reading, Schema, called, describe, nearest, or_list
from ..resolving.meaning import Listing
from ..resolving.resolve import MOST_FAULTS
from ..source import Path
from ..space import Choice, FloatRange, IntRange, Space
from .axes import MAX_COORDINATES
from .conditions import resolve_conditions
from .declaration import Branch, Declaration
from .declare import declare, shares_submodule
from .formulas import resolve_formulas
from .parameter import ParameterReader
from .range_text import is_set
from .unroll import unroll
from .variants import MOST_ALIKE, called_after, exclusive, in_their_branch

RESERVED = ("and", "or", "not", "in", "true", "false")
"""Words of the expressions, which no parameter can be called."""


class SearchSpaceReader:
    """A mapping of parameters by their names."""

    def read(self, node: Node, path: Path, reading: Reading) -> Space | Invalid:
        """The space, its arrays unrolled; constraints come later."""
        if not isinstance(node, MappingNode) or not node.entries:
            what = "empty" if isinstance(node, MappingNode) else describe(node)
            return reading.report(
                "OFC103",
                f"{called(path)} is {what}, expected a mapping of parameters",
                node.span,
                "expected parameters",
                "write a parameter such as `learning_rate: 1e-4...1e-1 log`",
            )
        before = len(reading.found)
        walk = _Walk(reading)
        walk.parameters(node, path, None)
        if walk.stopped:
            return INVALID
        unreadable = frozenset(walk.names - walk.declared.keys())
        declared = in_their_branch(walk.declared, reading)
        formulas = resolve_formulas(declared, unreadable, reading)
        untold = unreadable | (declared.keys() - formulas.meanings.keys())
        whens = resolve_conditions(declared, formulas.meanings, untold, reading)
        if len(reading.found) > before:
            return INVALID
        return unroll(declared, formulas, whens, reading)

    def schema(self) -> Schema:
        """An object of parameters."""
        return {
            "type": "object",
            "minProperties": 1,
            "patternProperties": {"^x-": {}},
            "additionalProperties": ParameterReader().schema(),
        }


@dataclass(slots=True)
class _Walk:
    """Gathers the declarations of a tree, from top to bottom as they are written."""

    reading: Reading
    declared: dict[str, Declaration] = field(default_factory=dict)
    alike: dict[str, list[Declaration]] = field(default_factory=dict)  # by the name in the file
    names: set[str] = field(default_factory=set)
    stopped: bool = False  # too much is there, or is wrong, to go on

    def parameters(self, node: MappingNode, path: Path, branch: Branch | None) -> None:
        for entry in node.entries:
            if self.stopped:
                return
            if not entry.key.text.startswith("x-"):
                self.parameter(entry, (*path, entry.key.text), branch)

    def parameter(self, entry: Entry, path: Path, branch: Branch | None) -> None:
        name = entry.key.text
        if not _is_name(name):
            self.reading.report(
                "OFC104",
                f"`{name[:40]}` is not a parameter's name",
                entry.key.span,
                "expected a name",
                "begin with a letter, go on with letters, digits and `_`, at most 63; "
                f"not {or_list(RESERVED)}",
            )
            return
        self.names.add(name)
        if len(self.names) > MAX_COORDINATES:
            self.reading.report(
                "OFC212",
                f"the space has more than {MAX_COORDINATES} parameters",
                entry.key.span,
                "one too many",
                "fix what need not be searched under `arguments` of `algorithm`",
            )
        self.stopped = len(self.names) > MAX_COORDINATES or len(self.reading.found) > MOST_FAULTS
        parameter = self.reading.read(ParameterReader(), entry.value, path)
        others = self.alike.setdefault(name, [])
        known = next((d for d in others if not exclusive(d.branch, branch, self.declared)), None)
        if not others:
            # One of another name may have been called so, after its branch.
            known = self.declared.get(name)
        if known is not None:
            self.reading.report(
                "OFC206",
                f"two parameters are called `{name}`",
                entry.key.span,
                "the second one",
                f"give it a name of its own, such as `{_longer(name, branch)}`",
                related=(Related(known.place, "the first one"),),
            )
            return
        if len(others) >= MOST_ALIKE:
            self.reading.report(
                "OFC212",
                f"more than {MOST_ALIKE} parameters are called `{name}`",
                entry.key.span,
                "one too many",
                f"give it a name of its own, such as `{_longer(name, branch)}`",
            )
            self.stopped = True
            return
        if isinstance(parameter, Invalid):
            return
        made = declare(name, parameter, entry.key.span, branch, self.reading)
        if isinstance(made, Invalid):
            return
        if others:
            internal = called_after(name, branch, self.declared)
            made = replace(made, name=internal, called=name)
        self.declared[made.name] = made
        others.append(made)
        if parameter.submodule is not None:
            shared = shares_submodule(made, parameter, self.reading)
            self.submodule(made, parameter.submodule, (*path, "submodule"), shared=shared)

    def submodule(self, host: Declaration, node: MappingNode, path: Path, *, shared: bool) -> None:
        match host.domain:
            case IntRange():
                self.parameters(node, path, Branch(host.name, counted=True, shared=shared))
            case Choice() as choice if by_value(choice, node):
                self.branches(host, choice, node, path)
            case Choice():
                self.parameters(node, path, Branch(host.name))
            case Listing(kind=kind, values=values):
                first = value_to_text(values[0])
                asked = (
                    f"{first} in {host.name}"
                    if kind == "subset"
                    else f"position({host.name}, {first}) == 0"
                )
                self.reading.report(
                    "OFC213",
                    f"`{host.name}` is a {kind} and has a `submodule`",
                    node.span,
                    "only an int counts its parameters",
                    f"hang them on a condition: `when: {asked}`",
                )
            case None:
                pass
            case FloatRange():
                self.reading.report(
                    "OFC213",
                    f"`{host.name}` is a float and has a `submodule`",
                    node.span,
                    "only an int counts its parameters",
                    "write `type: int`, or hang them on a condition: "
                    f"`when: {host.name} > {host.domain.low:g}`",
                )

    def branches(self, host: Declaration, choice: Choice, node: MappingNode, path: Path) -> None:
        texts = {_text(v): v for v in choice.values}
        for entry in node.entries:
            key = entry.key.text
            if key.startswith("x-"):
                continue
            if key not in texts:
                meant = nearest(key, texts)
                self.reading.report(
                    "OFC214",
                    f"`{key[:40]}` is no value of `{host.name}`",
                    entry.key.span,
                    f"did you mean `{meant}`?" if meant else "no such value",
                    f"write `{meant}`" if meant else f"write {or_list(tuple(texts)[:12])}",
                    fix=respelled(entry.key.span, key, meant, texts),
                )
                continue
            if not isinstance(entry.value, MappingNode):
                self.reading.report(
                    "OFC103",
                    f"`{key}` is {describe(entry.value)}, expected a mapping of parameters",
                    entry.value.span if not _nothing(entry.value) else entry.key.span,
                    f"expected the parameters of `{host.name}: {key}`",
                    f"write `{key}: {{}}` where it has none",
                )
                continue
            self.reading.spans[(*path, key)] = entry.value.span
            branch = Branch(host.name, values=(texts[key],))
            self.parameters(entry.value, (*path, key), branch)


def _is_name(text: str) -> bool:
    return text.isascii() and text.isidentifier() and len(text) <= 63 and text not in RESERVED


def _longer(name: str, branch: Branch | None) -> str:
    prefix = branch.values[0] if branch is not None and branch.values else "other"
    return f"{prefix}_{name}" if str(prefix).isidentifier() else f"{name}_2"


def _text(value: object) -> str:
    return value if isinstance(value, str) else value_to_text(value)  # type: ignore[arg-type]


def _nothing(node: Node) -> bool:
    return isinstance(node, Scalar) and node.value is None


def by_value(choice: Choice, node: MappingNode) -> bool:
    """Whether a choice's submodule says for each value what it has, or has parameters for all.

    It has parameters for all if no key is one of the values and each looks like a parameter.
    """
    texts = {_text(v) for v in choice.values}
    if any(e.key.text in texts for e in node.entries):
        return True
    return not all(_looks_like_a_parameter(e.value) for e in node.entries)


def _looks_like_a_parameter(node: Node) -> bool:
    if isinstance(node, SequenceNode):
        return True
    if isinstance(node, Scalar):
        return node.value is not None
    keys = {e.key.text for e in node.entries}
    return bool(keys & {"type", "range", "value"}) or (bool(keys) and is_set(node))
