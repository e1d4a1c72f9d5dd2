"""A spec in its long form: every default written out, every short form made long."""

from __future__ import annotations

from .as_written import as_written
from .load import Loaded
from .readers import Block
from .yaml.text import to_yaml


def render(loaded: Loaded) -> str:
    """The YAML of a spec that could be read; loading it gives an equal study.

    Placeholders stay, with the values of this run as the defaults of `params`. Comments and keys
    that begin with `x-` do not, since nothing reads them.

    Raises:
        ValueError: the spec has no study, which its diagnostics explain.
    """
    if loaded.study is None or loaded.document is None or loaded.filled is None:
        raise ValueError("only a spec that could be read has a long form")
    return to_yaml(
        as_written(Block(type(loaded.study)), loaded.study, loaded.document, loaded.filled)
    )
