"""The language: a file becomes a `Study`, or says with its place what is wrong.

    from omniforce.spec.load import load
    from omniforce.spec.read_source import read_source

    loaded = load(read_source("omniforce.yaml"), {"trials": "60"})
    loaded.study, loaded.diagnostics

A function stands in the module of its name: `load.load`, `read_source.read_source`,
`render.render`, `schema.json_schema`. What they give and take is listed here.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .blocks.study import Study
    from .diagnostic import Diagnostic
    from .load import Loaded
    from .problem import Problem
    from .source import Source, Span
    from .space import Space

__all__ = [
    "Diagnostic",
    "Loaded",
    "Problem",
    "Source",
    "Space",
    "Span",
    "Study",
]

_WHERE = {
    "Diagnostic": "diagnostic",
    "Loaded": "load",
    "Problem": "problem",
    "Source": "source",
    "Space": "space",
    "Span": "source",
    "Study": "blocks.study",
}


def __getattr__(name: str) -> object:
    # Imported late: whoever needs one module of this package does not pay for all.
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_WHERE[name]}", __name__), name)
