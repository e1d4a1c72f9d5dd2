"""Text to tree: one grammar, a start symbol for each place that an expression stands in."""

from __future__ import annotations

from typing import Any, Literal, cast

from .form import Tree
from .syntax_problem import SyntaxProblem
from .tables import Unexpected, tables

Kind = Literal[
    "condition", "range", "parameter", "goal", "rule", "model", "promotion", "quantity", "prior"
]

MAX_LENGTH = 4_096
MAX_DEPTH = 100

EXAMPLES: dict[Kind, str] = {
    "condition": "`optimizer == sgd`, `a * b <= 1024` or `kernel in {3, 5} and not pooled`",
    "range": "`2...5`, `1e-4...1e-1` or `{adam, sgd}`",
    "parameter": "`2...5`, `1e-4...1e-1 log, default 1e-3` or `{adam, sgd}`",
    "goal": "`maximize accuracy`, `minimize latency.p95 on server` or "
    "`require size <= 2MiB on server`",
    "rule": "`psi > 0.2`",
    "model": "`best`, `knee`, `weighted` or `pareto(latency.p95 <= 5ms)`",
    "promotion": "`error_rate < 1% for 10m`",
    "quantity": "`10m`, `2MiB` or `10%`",
    "prior": "`normal(0.1, 0.02)`, `lognormal(1e-3, 3)` or `{adam: 0.7, sgd: 0.3}`",
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

_OURS = {
    "&&": "and",
    "||": "or",
    "=>": ">=",
    "=<": "<=",
    "<>": "!=",
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
    "..": "...",
    "=": "==",
    "^": "**",
}
"""What stands in their place, where that is sure; `!` binds otherwise than `not`."""

_WISHES = {
    "maximise": "maximize",
    "minimise": "minimize",
    "max": "maximize",
    "min": "minimize",
    "requires": "require",
}
"""What begins an objective elsewhere, and here."""

_WORDS = {
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
    from .build import Builder

    try:
        tree = cast("Tree", tables().parse(kind, text, Builder()))
    except Unexpected as error:
        raise _explain(kind, text, error.at) from error
    _bound_depth(tree, len(text))
    return tree


def _explain(kind: Kind, text: str, start: int | None) -> SyntaxProblem:
    """What stands in the way, and what is written instead; `start` is None at the end."""
    if start is None:
        end = len(text.rstrip())
        return SyntaxProblem(
            f"`{_short(text.strip())}` ends too early",
            max(end - 1, 0),
            end,
            "close the bracket; in YAML's own brackets, a text with a comma stands in quotes"
            if text.count("(") > text.count(")")
            else f"write {EXAMPLES[kind]}",
        )
    found = _word_at(text, start)
    meant = (_WORDS | _WISHES if kind == "goal" else _WORDS).get(found)
    return SyntaxProblem(
        f"`{_short(found)}` cannot stand here",
        start,
        start + len(found),
        f"write `{meant}`" if meant else _help(kind, text, start),
        instead=(start, start + len(found), meant) if meant else _instead(text, start),
    )


def _instead(text: str, start: int) -> tuple[int, int, str] | None:
    """The operator of ours in the place of one of another language."""
    near = text[max(start - 1, 0) : start + 2]
    here = text[start : start + 2]
    for sign, _ in _OPERATORS:
        if here.startswith(sign) or (len(sign) == 2 and sign in near):
            at = text.index(sign, start if here.startswith(sign) else max(start - 1, 0))
            ours = _OURS.get(sign)
            return (at, at + len(sign), ours) if ours is not None else None
    return None


def _help(kind: Kind, text: str, start: int) -> str:
    # The parser may stop inside of `&&` or behind it, so the neighbourhood is looked at.
    near = text[max(start - 1, 0) : start + 2]
    here = text[start : start + 2]
    for sign, help_ in _OPERATORS:
        if here.startswith(sign) or (len(sign) == 2 and sign in near):
            return help_
    if here[0] in "\"'":
        return "close the quote"
    if kind == "quantity" and (joined := _joined(text)) is not None:
        return joined
    if kind == "condition" and here[0] in "<>=!" and any(s in text[:start] for s in "<>="):
        return "compare two at a time, as in `1 < a and a < 5`"
    return f"write {EXAMPLES[kind]}"


def _joined(text: str) -> str | None:
    """What to write for `1h 30m` or `2 minutes`, which are amounts but for their spaces."""
    joined = "".join(text.split())
    if joined == text:
        return None
    try:
        parse("quantity", joined)
    except SyntaxProblem as problem:
        one = problem.code == "OFC205" and len(text.split()) == 2
        return problem.help if one else None
    return f"write `{joined}`"


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
    if kind == "Call":
        return tuple(node.arguments)
    if kind == "ParameterForm":
        return tuple(part for part in (node.when, node.value) if part is not None)
    return ()
