"""Everything that `ofc check` and `ofc lint` say of a text, saved or not."""

from __future__ import annotations

import os

from omniforce.spec.diagnostic import Diagnostic
from omniforce.spec.load import in_order, load
from omniforce.spec.read_source import LIMIT
from omniforce.spec.source import Source

from ...catalogue import Catalogue
from ...pipeline import compile_study
from ..composition import LateTemplates


def diagnose(source: Source, catalogue: Catalogue) -> tuple[Diagnostic, ...]:
    """The findings, in the order of the file; those of other files that it reads as well."""
    size = len(source.text.encode("utf-8", "surrogatepass"))
    if size > LIMIT:
        message = f"a spec may have 4 MiB, this has {size / 2**20:.0f} MiB"
        help_ = "keep data out of the spec: `data.source` names where it is"
        return (Diagnostic("OFC003", message, None, help=help_),)
    loaded = load(source, templates=LateTemplates(os.path.dirname(source.name) or "."))
    compiled = compile_study(loaded, catalogue)
    return in_order(compiled.diagnostics)
