"""Everything that `ofc check` and `ofc lint` say of a text, saved or not."""

from __future__ import annotations

import os.path

from omniforce.spec.diagnostic import Diagnostic
from omniforce.spec.load import load
from omniforce.spec.read_source import LIMIT
from omniforce.spec.source import Source

from ...catalogue import Catalogue
from ...lint.linter import lint
from ...pipeline import compile_study
from ..composition import LateTemplates


def diagnose(source: Source, catalogue: Catalogue) -> tuple[Diagnostic, ...]:
    """The findings, in the order of the file; those of its templates as well.

    Args:
        source: as it stands in the editor; its name is its path, beside which templates are found.
        catalogue: the algorithms and strategies that there are.
    """
    size = len(source.text.encode("utf-8", "surrogatepass"))
    if size > LIMIT:
        message = f"a spec may have 4 MiB, this has {size / 2**20:.0f} MiB"
        help_ = "keep data out of the spec: `data.source` names where it is"
        return (Diagnostic("OFC003", message, None, help=help_),)
    loaded = load(source, templates=LateTemplates(os.path.dirname(source.name)))
    return lint(loaded, compile_study(loaded, catalogue)).diagnostics
