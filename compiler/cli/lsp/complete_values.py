"""The values that a key may have: words of the language, and names that are declared somewhere."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import cast

from omniforce.spec.as_written import as_written
from omniforce.spec.blocks.cell_graph import OperationsReader
from omniforce.spec.blocks.literal import LiteralReader
from omniforce.spec.blocks.parameter import TYPES, CountReader, ParameterReader, Word
from omniforce.spec.expression.print import value_to_text
from omniforce.spec.params.values import text_of
from omniforce.spec.readers import Block, Bool, OneOf
from omniforce.spec.space import Choice, IntRange
from omniforce.spec.yaml.text import to_yaml

from .complete_expressions import expression_offers
from .complete_keys import ARGUMENTS, OPTIONS
from .document import Document
from .layout import Cursor
from .library import STRATEGY, USE, Library
from .mentions import GRAMMARS, PARAMS, TO
from .offers import Kind, Offer
from .shape import SPACE, Spot, is_mapping, node_at, values_of

_OPEN = re.compile(r"\$\(([\w.-]*)$")
_WORD = re.compile(r"[\w./@-]*$")

Offered = tuple[tuple[Offer, ...], int]
"""Offers, and the column from which on they replace what is there."""


def value_offers(
    document: Document, cursor: Cursor, spot: Spot, library: Library, behind: str
) -> Offered:
    """What may stand at the cursor; `behind` is what stands behind it on the line."""
    opened = _OPEN.search(cursor.text)
    if opened is not None and cursor.path[:2] != PARAMS:
        close = "" if behind.startswith(")") else ")"
        return tuple(_placeholders(document, "", close)), cursor.column + opened.start(1)
    text, column = cursor.text, cursor.column
    if text[:1] in ("'", '"'):
        text, column = text[1:], column + 1
    grammar = GRAMMARS.get(type(spot.reader))
    if grammar is not None and not text.startswith(("{", "[")):
        offers, start = expression_offers(document, grammar, text, library)
        return offers, column + start
    word = _WORD.search(text)
    start = word.start() if word is not None else len(text)
    if start:
        offered = _placeholders(document, "$(", ")") if text == "$" else ()
        return tuple(offered), column
    words = tuple(_words(document, cursor, spot, library))
    made: dict[str, Offer] = {}
    for offer in (*words, *_anywhere(document, cursor, spot, bool(words))):
        made.setdefault(offer.label, offer)
    return tuple(sorted(made.values(), key=lambda o: o.kind == "params")), column


def _words(document: Document, cursor: Cursor, spot: Spot, library: Library) -> Iterator[Offer]:
    path, reader = cursor.path, spot.reader
    if isinstance(reader, Block) and cast("Block[object]", reader).short is None:
        return
    match reader:
        case OneOf(words=words):
            yield from _plain(("OmniForce", "Template") if path == ("kind",) else words, "word")
        case Bool():
            yield from _plain(("true", "false"), "word")
        case Word():
            yield from _plain(TYPES, "word")
        case CountReader():
            for name in document.declared("parameter"):
                if isinstance(document.domain(name), IntRange):
                    yield Offer(name, "parameter", name, "an int of the search space")
        case OperationsReader() if path[:2] == SPACE:
            last = max(at for at, step in enumerate(path) if step == "graph")
            host = node_at(document.tree, path[:last])
            yield from _plain(map(value_to_text, values_of(host)), "value")
        case LiteralReader():
            yield from _literals(document, cursor, library)
        case _:
            pass
    if path == USE:
        for name in library.catalogue.algorithm_names():
            known = library.catalogue.algorithms(name)
            task = known.task if known is not None else ""
            yield Offer(name, "value", name, task, known.doc if known is not None else "")
    elif path in (STRATEGY, (*STRATEGY, "name")):
        yield from _plain(library.strategies(), "value")
    elif path == TO:
        yield from _plain(document.declared("device"), "device")


def _literals(document: Document, cursor: Cursor, library: Library) -> Iterator[Offer]:
    """What an argument, an option or a default may be."""
    path = cursor.path
    if path[:-1] == ARGUMENTS:
        algorithm = library.algorithm(document.tree)
        for argument in algorithm.arguments if algorithm is not None else ():
            if argument.name == path[-1]:
                truths = ("true", "false") if argument.type == "bool" else ()
                default = () if argument.default is None else (argument.default,)
                values = map(value_to_text, argument.values or truths or default)
                yield from _plain(values, "value")
    elif path[:-1] == OPTIONS:
        name = node_at(document.tree, (*STRATEGY, "name"))
        for option in library.options(getattr(name, "text", "")):
            if option.name == path[-1]:
                truths = ("true", "false") if option.kind is bool else ()
                yield from _plain(option.words or truths, "value")
    elif path[:2] == SPACE and path[-1] == "default":
        host = node_at(document.tree, path[:-1])
        yield from _plain(map(value_to_text, values_of(host)), "value")


def _anywhere(document: Document, cursor: Cursor, spot: Spot, worded: bool) -> Iterator[Offer]:
    """The default, the example, and the entries of `params`."""
    key = spot.key
    if key is not None and not is_mapping(spot.reader) and not isinstance(spot.reader, OneOf):
        if key.default is not None and not key.required and key.default != ():
            text = to_yaml(as_written(key.reader, key.default)).strip()
            if "\n" not in text and not isinstance(spot.reader, Bool):
                yield Offer(text, "value", text, "the default")
        if key.example is not None and not isinstance(spot.reader, ParameterReader):
            yield Offer(str(key.example), "value", str(key.example), "an example")
    # Where a few words are all that fits, a placeholder is offered to who begins one.
    scalar = spot.reader is not None and not is_mapping(spot.reader) and not worded
    if scalar and cursor.path[:2] != PARAMS and cursor.path[:1] == ("spec",):
        yield from _placeholders(document, "$(", ")")


def _placeholders(document: Document, before: str, behind: str) -> Iterator[Offer]:
    for name, parameter in document.parameters.by_name.items():
        value = parameter.value
        doc = parameter.param.doc if parameter.param is not None else ""
        detail = f"= {text_of(value)}" if value is not None else "no value"
        yield Offer(
            f"{before}params.{name}{')' if before else ''}",
            "params",
            f"{before}params.{name}{behind}",
            detail,
            doc,
        )


def _plain(words: Iterable[str], kind: Kind) -> Iterator[Offer]:
    return (Offer(word, kind, word) for word in words)


def choices(document: Document, name: str) -> tuple[str, ...]:
    """The values of a choice of the search space as they are written; empty for anything else."""
    domain = document.domain(name)
    return tuple(map(value_to_text, domain.values)) if isinstance(domain, Choice) else ()
