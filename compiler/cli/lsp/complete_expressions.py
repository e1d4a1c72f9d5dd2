"""What may come next in an expression: words of the grammar, and names that fit there."""

from __future__ import annotations

import re
from collections.abc import Iterator

from omniforce.spec.blocks.algorithm import ReportedMetric
from omniforce.spec.blocks.devices import DEVICE_METRICS, STATISTICS
from omniforce.spec.blocks.parameter import TYPES
from omniforce.spec.expression.functions import EXAMPLES
from omniforce.spec.expression.parse import Kind as Grammar
from omniforce.spec.expression.print import value_to_text
from omniforce.spec.expression.tables import Token
from omniforce.spec.nodes import MappingNode, Scalar, SequenceNode
from omniforce.spec.space import Choice, IntRange

from .document import Document
from .expectation import Expectation, expect
from .library import Library
from .mentions import PLACEHOLDER, Mention
from .offers import Offer
from .shape import node_at

_NAME = re.compile(r"[A-Za-z_]\w*$")
_DEVICE = re.compile(r"[A-Za-z_][\w-]*$")
_METRICS = ("spec", "algorithm", "metrics")

SHORT_FORMS = (
    ("2...5", "whole numbers"),
    ("1e-4...1e-1 log", "numbers, on a log scale"),
    ("{a, b}", "one of a few"),
    ("= base * 2", "computed, not searched"),
)


def expression_offers(
    document: Document, grammar: Grammar, text: str, library: Library
) -> tuple[tuple[Offer, ...], int]:
    """What may stand at the end of `text`, and from which offset on it replaces that."""
    text = PLACEHOLDER.sub(lambda m: "1".ljust(len(m[0])), text)
    for pattern in (_DEVICE, _NAME):
        word = pattern.search(text)
        start = word.start() if word is not None else len(text)
        read = expect(grammar, text[:start])
        if read.rest < len(text[:start].rstrip()):
            continue
        if pattern is _DEVICE and "DEVICE" not in read.terminals:
            continue
        return tuple(_offers(document, grammar, read, library)), start
    return (), len(text)


def _offers(
    document: Document, grammar: Grammar, read: Expectation, library: Library
) -> Iterator[Offer]:
    terminals = read.terminals
    if "NAME" in terminals or "WORD" in terminals:
        yield from _compared(document, read.tokens)
    if "WORD" in terminals and read.tokens[-1:] and read.tokens[-1].type == "DEFAULT":
        for token in read.tokens:
            if token.type == "WORD":
                yield Offer(str(token), "value", str(token))
    if "DEVICE" in terminals:
        for name in document.declared("device"):
            yield Offer(name, "device", name, _runtime(document, name))
    if "NAME" in terminals:
        if grammar in ("condition", "parameter"):
            yield from _names(document, grammar, read.tokens)
        else:
            yield from _metrics(document, grammar, read.tokens, library)
    for word in read.words:
        yield Offer(word, "word", word if _last(terminals, word) else f"{word} ")


def _last(terminals: frozenset[str], word: str) -> bool:
    """Whether nothing need stand behind a word."""
    return word in ("best", "knee", "weighted", "pareto", "true", "false", "log", "logit", "linear")


def _compared(document: Document, tokens: tuple[Token, ...]) -> Iterator[Offer]:
    """The values of the choice on the left of `==`, `!=` or `in {`."""
    types = [t.type for t in tokens]
    at = len(types)
    while at and types[at - 1] in ("WORD", "_COMMA", "STRING"):
        at -= 1
    at -= 1 if types[at - 1 : at] == ["LBRACE"] else 0
    if types[at - 1 : at] not in (["EQUALITY"], ["IN"]):
        return
    at -= 2 if types[at - 2 : at - 1] == ["NOT"] else 1
    name = str(tokens[at - 1]) if types[at - 1 : at] == ["NAME"] else ""
    domain = document.domain(name)
    if isinstance(domain, Choice):
        said = {str(t) for t in tokens if t.type == "WORD"}
        for value in map(value_to_text, domain.values):
            if value not in said:
                yield Offer(value, "value", value, f"a value of `{name}`")


def _names(document: Document, grammar: Grammar, tokens: tuple[Token, ...]) -> Iterator[Offer]:
    if grammar == "parameter" and not tokens:
        for text, what in SHORT_FORMS:
            yield Offer(text, "value", text, what)
        for word in TYPES:
            yield Offer(word, "word", word if word == "bool" else f"{word} ")
        return
    if tokens and tokens[-1].type == "PRIOR":
        for text in ("normal(0.1, 0.02)", "lognormal(1e-3, 3)"):
            yield Offer(text, "value", text, "where good values are expected")
        return
    counts = bool(tokens) and tokens[-1].type == "COUNT"
    for name, mention in document.declared("parameter").items():
        if not counts or isinstance(document.domain(name), IntRange):
            yield Offer(name, "parameter", name, _range(document, mention))
    for name, example in EXAMPLES.items() if not counts else ():
        yield Offer(f"{name}()", "word", f"{name}(", example)


def _range(document: Document, mention: Mention) -> str:
    """What a parameter goes over, as it is written."""
    node = node_at(document.tree, mention.path)
    if isinstance(node, MappingNode):
        node = node.get("range") or node.get("value") or node
    return document.shown(node)


def _metrics(
    document: Document, grammar: Grammar, tokens: tuple[Token, ...], library: Library
) -> Iterator[Offer]:
    if tokens and tokens[-1].type == "_DOT":
        for word in STATISTICS:
            yield Offer(word, "metric", word)
        return
    wanted = "higher" if tokens and tokens[0] == "maximize" else "lower"
    direction = bool(tokens) and tokens[0].type == "DIRECTION"
    reported = _reported(document, library)
    fit = [m for m in reported if not direction or m.better == wanted]
    for metric in (*fit, *(m for m in reported if m not in fit)) if grammar == "goal" else ():
        detail = f"{metric.better} is better"
        yield Offer(metric.name, "metric", metric.name, detail, metric.doc)
    for name in _own_metrics(document) if grammar == "goal" else ():
        yield Offer(name, "metric", name, "of the algorithm")
    device = next(iter(document.declared("device")), None)
    on = f" on {device}" if device and direction else " "
    for name in DEVICE_METRICS:
        for word in [f"{name}.p95", f"{name}.mean"] if name == "latency" else [name]:
            yield Offer(word, "metric", f"{word}{on}".rstrip(), "measured on a device")


def _reported(document: Document, library: Library) -> tuple[ReportedMetric, ...]:
    algorithm = library.algorithm(document.tree)
    return algorithm.metrics if algorithm is not None else ()


def _own_metrics(document: Document) -> Iterator[str]:
    """What an estimator of the writer's own says that it reports."""
    node = node_at(document.tree, _METRICS)
    for item in node.items if isinstance(node, SequenceNode) else ():
        if isinstance(item, Scalar):
            yield item.text


def _runtime(document: Document, device: str) -> str:
    node = node_at(document.tree, ("spec", "devices", device, "runtime"))
    return node.text if isinstance(node, Scalar) else ""
