"""Writes the parser's tables; run it by `python -m omniforce.spec.expression.make_tables`.

lark reads the grammar and makes LALR(1) tables of it. They are kept beside it, since importing lark
and making them anew takes longer than all else that `ofc check` does.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .parse import EXAMPLES
from .tables import TABLES

GRAMMAR = Path(__file__).with_name("grammar.lark")


def main() -> None:
    """Writes the file."""
    TABLES.write_text(tables_text(), encoding="utf-8")


def tables_text() -> str:
    """The tables as JSON; equal for equal grammars, whatever order lark numbers its states in.

    `terminals`: name, how it is matched (`texts`, `words` or `pattern`) and what, the first in the
    order in which they are tried. `rules`: what is reduced to, the name of the builder's method
    (empty: the children go to the rule above; `?`: one child stands for itself), and for each
    symbol whether it is dropped (0), kept (1), or a list whose items are kept (2). `states`: what
    each symbol leads to: a state from 0 up, or `-1 - rule`.
    """
    from lark import Lark

    parser: Any = Lark(
        GRAMMAR.read_text(encoding="utf-8"),
        parser="lalr",
        start=list(EXAMPLES),
        maybe_placeholders=False,
    )
    table: Any = parser.parser.parser._parse_table
    numbers = _numbers(table)
    rules = sorted(parser.rules, key=repr)
    position = {rule: i for i, rule in enumerate(rules)}
    found: dict[str, object] = {
        "starts": {
            s: [numbers[table.start_states[s]], numbers[table.end_states[s]]] for s in EXAMPLES
        },
        "terminals": [
            _terminal(t)
            for t in sorted(parser.terminals, key=_order)
            if t.name not in parser.ignore_tokens
        ],
        "rules": [_rule(rule) for rule in rules],
        "states": [
            {
                name: numbers[to] if str(action) == "Shift" else -1 - position[to]
                for name, (action, to) in sorted(table.states[state].items())
            }
            for state in sorted(numbers, key=numbers.__getitem__)
        ],
    }
    lines = [f"{json.dumps(key)}: {_lines(value)}" for key, value in found.items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _lines(value: Any) -> str:
    if isinstance(value, dict):
        return json.dumps(value)
    return "[\n" + ",\n".join(json.dumps(v, ensure_ascii=False) for v in value) + "\n]"


def _numbers(table: Any) -> dict[Any, int]:
    """Numbers for the states by how they are reached from the starts, names in order."""
    numbers: dict[Any, int] = {}
    waiting = [table.start_states[s] for s in EXAMPLES]
    while waiting:
        state = waiting.pop(0)
        if state in numbers:
            continue
        numbers[state] = len(numbers)
        waiting += [
            to for _, (action, to) in sorted(table.states[state].items()) if str(action) == "Shift"
        ]
    return numbers


def _order(terminal: Any) -> tuple[int, int, int, str]:
    """Lark's own order: a terminal that stands before another is tried before it."""
    pattern = terminal.pattern
    return (-terminal.priority, -pattern.max_width, -len(pattern.value), terminal.name)


def _terminal(terminal: Any) -> list[object]:
    pattern = terminal.pattern
    if pattern.type == "str":
        return [terminal.name, "texts", [pattern.value]]
    regexp = pattern.value
    words = re.fullmatch(r"\(?([a-z|]+)\)?\\b", regexp)
    if words is not None:
        return [terminal.name, "words", words[1].split("|")]
    if not re.search(r"[(\[{*+?^$]", regexp):
        texts = [t.replace("\\", "") for t in regexp.split("|")]
        return [terminal.name, "texts", texts]
    return [terminal.name, "pattern", [regexp]]


def _rule(rule: Any) -> list[object]:
    name = rule.origin.name
    method = rule.alias or ("" if name.startswith("_") else name)
    if rule.options.expand1 and not rule.alias:
        method = f"?{method}"
    return [name, method, list(_kept(rule))]


def _kept(rule: Any) -> Iterator[int]:
    for symbol in rule.expansion:
        if symbol.is_term:
            yield 0 if symbol.filter_out else 1
        else:
            yield 2 if symbol.name.startswith("_") else 1


if __name__ == "__main__":
    main()
