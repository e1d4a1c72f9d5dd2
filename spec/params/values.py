"""The values of `params`: declared in the file, set by `-p name=value`, checked by their type."""

from __future__ import annotations

from collections.abc import Mapping

from ..blocks.params import Param
from ..diagnostic import Diagnostic, Related
from ..expression.tree import Value
from ..frozen import dataclass
from ..nodes import Entry, MappingNode, Node, Scalar
from ..readers import Block, Invalid, Reading, describe, nearest, or_list
from ..source import Span
from ..yaml.core_schema import resolve
from .amount import amount

PARAMS = ("spec", "params")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One declared parameter.

    Attributes:
        value: what it is in this run; None where it has none or a bad one.
        faulty: whether something was reported of it, so that its readers need not complain too.
    """

    name: str
    entry: Entry
    param: Param | None
    value: Value | None
    faulty: bool


@dataclass(frozen=True, slots=True)
class Parameters:
    """All of a file, by name, and what is wrong with them."""

    by_name: Mapping[str, Parameter]
    found: tuple[Diagnostic, ...]


def text_of(value: Value) -> str:
    """A value as it is inserted into a text."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def read_parameters(document: Node, given: Mapping[str, str | Node]) -> Parameters:
    """The parameters of a document with the values of this run.

    Args:
        document: a spec, or a template.
        given: the text of `-p`, or the node of a template's user; each with its name.
    """
    block = document.get("spec") if isinstance(document, MappingNode) else None
    block = block.get("params") if isinstance(block, MappingNode) else None
    entries = block.entries if isinstance(block, MappingNode) else ()
    found: list[Diagnostic] = []
    made = {e.key.text: _parameter(e, given.get(e.key.text), found) for e in entries}
    for name in sorted(given.keys() - made.keys()):
        meant = nearest(name, made)
        found.append(
            Diagnostic(
                "OFC301",
                f"`-p {name}=...` sets a parameter that the spec does not declare",
                None,
                help=f"did you mean `{meant}`?"
                if meant
                else (
                    f"it declares {or_list(tuple(made))}"
                    if made
                    else f"declare it: `params: {{{name}: {{type: string}}}}`"
                ),
            )
        )
    return Parameters(made, tuple(found))


def _parameter(entry: Entry, given: str | Node | None, found: list[Diagnostic]) -> Parameter:
    name = entry.key.text
    # What is wrong with the declaration itself is reported when the whole document is read.
    param = Block(Param).read(entry.value, (*PARAMS, name), Reading())
    if isinstance(param, Invalid):
        return Parameter(name, entry, None, None, True)
    before = len(found)
    if any("$(" in str(v) for v in (param.default, param.minimum, param.maximum)):
        return Parameter(name, entry, param, None, True)  # `fill` refuses it
    _check_declaration(entry, param, found)
    value = _fit(param.type, param.default)
    if given is not None and not isinstance(given, str):
        value = _from_user(name, param, given, entry, found)
    elif given is not None:
        value = _parse(param.type, given)
        complaint = f"expected {_KINDS[param.type]}" if value is None else _outside(param, value)
        if complaint:
            found.append(
                Diagnostic(
                    "OFC304",
                    f"`-p {name}={given[:80]}` does not fit: {complaint}",
                    entry.key.span,
                    "declared here",
                    f"give {complaint.removeprefix('expected ')}",
                )
            )
    faulty = len(found) > before
    return Parameter(name, entry, param, None if faulty else value, faulty)


def _from_user(
    name: str, param: Param, given: Node, entry: Entry, found: list[Diagnostic]
) -> Value | None:
    """The value that the user of a template gives."""
    value = _fit(param.type, given.value) if isinstance(given, Scalar) else None
    complaint = f"expected {_KINDS[param.type]}" if value is None else _outside(param, value)
    if complaint:
        found.append(
            Diagnostic(
                "OFC354",
                f"{describe(given)} does not fit the template's parameter `{name}`",
                given.span,
                complaint,
                f"write {complaint.removeprefix('expected ')}",
                related=(Related(entry.key.span, "declared here"),),
            )
        )
    return value


_KINDS = {
    "int": "a whole number",
    "float": "a number",
    "string": "a string",
    "bool": "`true` or `false`",
    "duration": "a duration such as `2h`",
    "size": "a size such as `2MiB`",
}


def _fit(type_: str, value: Value | None) -> Value | None:
    """A value as its type has it, or None where it is of another one."""
    match type_:
        case "int":
            return value if type(value) is int else None
        case "float":
            number = float(value) if type(value) in (int, float) and value is not None else None
            return number if number is None or abs(number) < float("inf") else None
        case "bool":
            return value if isinstance(value, bool) else None
        case "duration" | "size":
            return value if amount(type_, value) is not None else None
        case _:
            return value if isinstance(value, str) else None


def _parse(type_: str, text: str) -> Value | None:
    if type_ == "string":
        return text
    value = resolve(text.strip())
    return _fit(type_, value)


def _outside(param: Param, value: Value) -> str:
    """What a value of the right type should have been; empty where it is good."""
    if param.choices and value not in param.choices:
        return f"expected {or_list(tuple(text_of(c) for c in param.choices))}"
    measured, low, high = (_measured(param, v) for v in (value, param.minimum, param.maximum))
    if measured is None:
        return ""
    if low is not None and measured < low:
        return f"expected at least {text_of(param.minimum or 0)}"
    if high is not None and measured > high:
        return f"expected at most {text_of(param.maximum or 0)}"
    return ""


def _measured(param: Param, value: Value | None) -> float | None:
    """A value on the scale of its bounds; None where there is none, or it cannot be measured."""
    if param.type in ("string", "bool"):
        return None
    if param.type in ("duration", "size"):
        return amount(param.type, value)
    number = _fit("float", value)
    return number if isinstance(number, float) else None


def _check_declaration(entry: Entry, param: Param, found: list[Diagnostic]) -> None:
    """Reports bounds, choices and a default that do not fit the type or each other."""
    node = entry.value
    name = entry.key.text
    facts = {"default": param.default, "minimum": param.minimum, "maximum": param.maximum}
    for key, value in facts.items():
        if value is None:
            continue
        if key != "default" and param.type in ("string", "bool"):
            text = f"`{key}` bounds numbers, `{name}` is a {param.type}"
            _report(found, node, key, text, f"remove `{key}`", "bounds nothing")
        elif _fit(param.type, value) is None:
            kind = _KINDS[param.type]
            _report(
                found, node, key, f"`{key}` of `{name}` is no {param.type}", f"write {kind}", kind
            )
    for choice in param.choices:
        if _fit(param.type, choice) is None:
            text = f"the choice `{text_of(choice)}` of `{name}` is no {param.type}"
            _report(found, node, "choices", text, f"write {_KINDS[param.type]}")
            return
    low, high = _measured(param, param.minimum), _measured(param, param.maximum)
    if low is not None and high is not None and low > high:
        _report(
            found,
            node,
            "minimum",
            f"`minimum` of `{name}` is above `maximum`",
            "swap them",
            "above `maximum`",
        )
    value = _fit(param.type, param.default)
    complaint = _outside(param, value) if value is not None else ""
    if complaint:
        text = f"`default` of `{name}` does not fit: {complaint}"
        kind = "a number of at" if param.type in ("int", "float") else "at"
        help_ = complaint.replace("expected at", f"write {kind}").replace("expected", "write")
        _report(found, node, "default", text, help_, complaint)


def _report(
    found: list[Diagnostic], node: Node, key: str, message: str, help_: str, label: str = ""
) -> None:
    found.append(Diagnostic("OFC304", message, _place(node, key), label, help_))


def _place(node: Node, key: str) -> Span:
    value = node.get(key) if isinstance(node, MappingNode) else None
    return value.span if value is not None else node.span


def typed_node(value: Value, at: Scalar) -> Scalar:
    """The scalar `at` with a parameter's value in its place."""
    text = text_of(value)
    if isinstance(value, str):
        return Scalar(value, text, at.span, False, False, ((0, len(text)),))
    return Scalar(value, text, at.span, True, False)
