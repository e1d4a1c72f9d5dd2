"""Text to tree: one grammar, a start symbol for each place that an expression stands in."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from ..cache_directory import cache_directory
from .memory import MEMORY
from .syntax_problem import SyntaxProblem
from .tree import Tree

if TYPE_CHECKING:
    from lark import Lark
    from lark.exceptions import UnexpectedInput

Kind = Literal["condition", "range", "parameter", "goal", "rule", "model", "promotion", "quantity"]

GRAMMAR = Path(__file__).with_name("grammar.lark")

MAX_LENGTH = 4_096
MAX_DEPTH = 100

EXAMPLES: dict[Kind, str] = {
    "condition": "`optimizer == sgd`, `a * b <= 1024` or `kernel in {3, 5} and not pooled`",
    "range": "`2...5`, `1e-4...1e-1` or `{adam, sgd}`",
    "parameter": "`2...5`, `1e-4...1e-1 log, default 1e-3` or `{adam, sgd}`",
    "goal": "`maximize accuracy`, `minimize latency.p95 on server` or "
    "`require size <= 2MiB on server`",
    "rule": "`psi > 0.2`",
    "model": "`best` or `pareto(latency.p95 <= 5ms)`",
    "promotion": "`error_rate < 1% for 10m`",
    "quantity": "`10m`, `2MiB` or `10%`",
}
"""What each kind looks like, for help."""

_OPERATORS = (
    ("&&", "write `and`"),
    ("||", "write `or`"),
    ("=>", "write `>=`"),
    ("=<", "write `<=`"),
    ("<>", "write `!=`"),
    ("≤", "write `<=`"),
    ("≥", "write `>=`"),
    ("≠", "write `!=`"),
    ("..", "a range has three dots, as in `2...5`"),
    ("=", "write `==` to compare"),
    ("!", "write `not`"),
    ("^", "write `**` for a power"),
)
"""What other languages write, and what is written here."""

_WORDS = {
    "maximise": "maximize",
    "minimise": "minimize",
    "max": "maximize",
    "min": "minimize",
    "requires": "require",
    "AND": "and",
    "OR": "or",
    "NOT": "not",
    "is": "==",
    "at": "on",
}


def parse(kind: Kind, text: str) -> Tree:
    """The tree of `text`, every node with its offsets.

    Raises:
        SyntaxProblem: it is no expression of this kind, too long, or nested too deeply.
    """
    if len(text) > MAX_LENGTH:
        raise SyntaxProblem(
            f"the expression has {len(text)} characters, at most {MAX_LENGTH} are read",
            0,
            len(text),
            "split it into several",
        )
    if not text.strip():
        raise SyntaxProblem("the expression is empty", 0, len(text), f"write {EXAMPLES[kind]}")
    if known := MEMORY.trees.get((kind, text)):
        return known
    from lark.exceptions import UnexpectedInput

    try:
        tree = cast("Tree", _parser().parse(text, start=kind))
    except UnexpectedInput as error:
        raise _explain(kind, text, error) from error
    _bound_depth(tree, len(text))
    MEMORY.add((kind, text), tree)
    return tree


@lru_cache(maxsize=1)
def _parser() -> Lark:
    """The parser; its tables come from the user's cache where there is one, in a tenth of the time.

    A cache that cannot be read, or is of another grammar, is written anew; lark looks at a digest.
    """
    from lark import Lark

    from .build import Builder

    cache = _cache_file()
    return Lark(
        GRAMMAR.read_text(encoding="utf-8"),
        parser="lalr",
        start=list(EXAMPLES),
        transformer=cast("Any", Builder()),
        maybe_placeholders=False,
        cache=str(cache) if cache is not None else False,
    )


def _cache_file() -> Path | None:
    """Where lark keeps its tables."""
    import sys

    directory = cache_directory()
    if directory is None:
        return None
    return directory / f"expressions-{sys.version_info[0]}.{sys.version_info[1]}.tables"


def _explain(kind: Kind, text: str, error: UnexpectedInput) -> SyntaxProblem:
    """What stands in the way, and what is written instead."""
    start = error.pos_in_stream
    token = getattr(error, "token", None)
    if start is None or start < 0 or (token is not None and token.type == "$END"):
        end = len(text.rstrip())
        return SyntaxProblem(
            f"`{_short(text.strip())}` ends too early",
            max(end - 1, 0),
            end,
            f"write {EXAMPLES[kind]}",
        )
    found = _word_at(text, start)
    meant = _WORDS.get(found)
    return SyntaxProblem(
        f"`{_short(found)}` cannot stand here",
        start,
        start + len(found),
        f"write `{meant}`" if meant else _help(kind, text, start),
    )


def _help(kind: Kind, text: str, start: int) -> str:
    # The parser may stop inside of `&&` or behind it, so the neighbourhood is looked at.
    near = text[max(start - 1, 0) : start + 2]
    here = text[start : start + 2]
    for sign, help_ in _OPERATORS:
        if here.startswith(sign) or (len(sign) == 2 and sign in near):
            return help_
    if here[0] in "\"'":
        return "close the quote"
    if kind == "condition" and here[0] in "<>=!" and any(s in text[:start] for s in "<>="):
        return "compare two at a time, as in `1 < a and a < 5`"
    return f"write {EXAMPLES[kind]}"


def _word_at(text: str, start: int) -> str:
    end = start + 1
    if text[start].isalnum() or text[start] == "_":
        while end < len(text) and (text[end].isalnum() or text[end] in "_."):
            end += 1
    return text[start:end]


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:40]}..."


def _bound_depth(tree: object, length: int) -> None:
    """Refuses what recursive readers of the tree could not walk."""
    level = [tree]
    for _ in range(MAX_DEPTH):
        level = [child for node in level for child in _children(node)]
        if not level:
            return
    raise SyntaxProblem(
        f"the expression is nested more than {MAX_DEPTH} levels deep",
        0,
        length,
        "split it into several",
    )


def _children(node: Any) -> tuple[object, ...]:
    kind = type(node).__name__
    if kind in ("And", "Or"):
        return tuple(node.operands)
    if kind in ("Binary", "Compare"):
        return (node.left, node.right)
    if kind in ("Negate", "Not"):
        return (node.operand,)
    return (node.when,) if kind == "ParameterForm" and node.when is not None else ()
