"""Search spaces from a few lines of YAML, and what came of them in lines that can be compared."""

from __future__ import annotations

import textwrap

from omniforce.spec.blocks.search_space import SearchSpaceReader
from omniforce.spec.expression.parse import parse
from omniforce.spec.expression.print import to_text
from omniforce.spec.expression.tree import Expression
from omniforce.spec.readers import Invalid, Reading
from omniforce.spec.resolving.constraints import join_constraints
from omniforce.spec.source import Source
from omniforce.spec.space import Space
from omniforce.spec.yaml.reader import read_yaml


def read(text: str) -> tuple[Space | Invalid, Reading]:
    """The space of a `searchSpace:` block, and what was found in it."""
    node, found = read_yaml(Source("s.yaml", textwrap.dedent(text)))
    assert node is not None, found
    reading = Reading()
    return SearchSpaceReader().read(node, ("searchSpace",), reading), reading


def space(text: str, *constraints: str) -> Space:
    """A good space with constraints, which are good too."""
    made, reading = read(text)
    assert isinstance(made, Space), reading.found
    trees: list[Expression] = [parse("condition", c) for c in constraints]  # type: ignore[misc]
    joined = join_constraints(made, trees)
    assert joined.faults == ()
    return joined.space


def shown(made: Space) -> list[str]:
    """Its coordinates with their conditions, then what is computed, then what must hold."""
    return [
        *(_line(c.id, c.conditions) for c in made),
        *(
            _line(f"{d.id} = {to_text(d.expression)} ({d.type})", d.conditions)
            for d in made.derived
        ),
        *map(to_text, made.constraints),
    ]


def _line(head: str, conditions: tuple[Expression, ...]) -> str:
    return f"{head}: {' and '.join(map(to_text, conditions))}" if conditions else head


def faults(text: str, *constraints: str) -> list[str]:
    """Code and message of all that is wrong."""
    made, reading = read(text)
    if not isinstance(made, Space):
        return [f"{d.code} {d.message}" for d in reading.found]
    trees: list[Expression] = [parse("condition", c) for c in constraints]  # type: ignore[misc]
    return [f"{f.code} {f.message}" for _, f in join_constraints(made, trees).faults]
