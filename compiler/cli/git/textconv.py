"""A spec in the form in which two of them are best compared."""

from __future__ import annotations

from omniforce.spec.diagnostic import Diagnostic
from omniforce.spec.formatting.formatter import format_source
from omniforce.spec.load import load
from omniforce.spec.problem import Problem
from omniforce.spec.read_source import read_source
from omniforce.spec.render import render


def long_text(file: str) -> str:
    """The long form, in which a default is a line; of a spec with errors the house form, or itself.

    Raises:
        Problem: the file cannot be read.
    """
    source = read_source(file)
    if isinstance(source, Diagnostic):
        raise Problem(source.code, source.message, source.help, source.span)
    if not source.text.strip():
        return source.text
    loaded = load(source)
    if loaded.study is not None and not loaded.has_errors:
        return render(loaded)
    made = format_source(source)
    return made if isinstance(made, str) else source.text
