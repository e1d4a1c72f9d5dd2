"""What a key of the language means, in Markdown: for the schema, and for editors' help."""

from __future__ import annotations

from collections.abc import Iterator

from ..as_written import as_written
from ..blocks.parameter import ParameterReader
from ..expression.reading import Duration, Percentage, Size
from ..readers import Block, Bool, KeyOf, ListOf, MapOf, Number, OneOf, Text, keys_of
from ..yaml.text import Plain, to_yaml

LONGEST = 16
"""Lines of a default that is shown; `ofc render` writes those of whole platforms."""


def key_facts(key: KeyOf) -> str:
    """What a key means, what it takes, its default and an example."""
    return "\n\n".join(_facts(key))


def _facts(key: KeyOf) -> Iterator[str]:
    yield key.doc
    takes = takes_what(key.reader)
    if takes:
        yield f"Takes {takes}."
    if key.required:
        yield "Must be written."
    elif key.default is not None and key.default != ():
        default = shown(as_written(key.reader, key.default))
        if default.count("\n") <= LONGEST:
            yield f"Default: {default}".replace(": \n", ":\n")
    if key.example is not None:
        yield f"Example: `{key.name}: {key.example}`"


def takes_what(reader: object) -> str:
    """What a value may be, in a few words; empty where the doc of its key says it."""
    match reader:
        case OneOf(words=words):
            return " or ".join(f"`{w}`" for w in words)
        case Bool():
            return "`true` or `false`"
        case Number():
            return _number(reader.schema())
        case Text(what=what):
            return what
        case Duration():
            return "a duration such as `10m` or `90s`"
        case Size():
            return "a size such as `2GiB`"
        case Percentage():
            return "a share such as `10%`"
        case ListOf():
            return "a list"
        case MapOf():
            return "a mapping with names of your own"
        case Block():
            return f"the keys {', '.join(f'`{k}`' for k in keys_of(reader.type))}"
        case ParameterReader():
            return "a range such as `1e-4...1e-1 log`, a set such as `{sgd, adam}`, or a block"
        case _:
            return ""


def _number(schema: object) -> str:
    facts = schema if isinstance(schema, dict) else {}
    what = "a whole number" if facts.get("type") == "integer" else "a number"
    words = (("minimum", "at least"), ("exclusiveMinimum", "above"), ("maximum", "at most"))
    bounds = [f"{word} {_amount(facts[key])}" for key, word in words if key in facts]
    return f"{what}{', ' if bounds else ''}{' and '.join(bounds)}"


def _amount(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:g}"


def shown(value: Plain) -> str:
    """A value as it would stand in a file: in the line, or in a block of its own."""
    text = to_yaml(value).rstrip("\n")
    if "\n" not in text and not isinstance(value, dict):
        return f"`{text}`"
    return f"\n\n```yaml\n{text}\n```"
