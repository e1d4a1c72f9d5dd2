"""Queries stand before the steps that learn from rows, since a query may move rows."""

from __future__ import annotations

from collections.abc import Iterator

from ..blocks.data import Data, Sql
from .finding import Finding, Place, Readable

DATA = ("spec", "data")


def queries_first(document: Readable) -> Iterator[Finding]:
    """Asks that no `sql` step follows one that learns from the training rows."""
    data = document.value(Data, *DATA)
    if data is None:
        return
    learnt = False
    for at, step in enumerate(data.features):
        if not isinstance(step, Sql):
            learnt = True
        elif learnt:
            yield Finding(
                "OFC307",
                "a query stands after a step that learns from the training rows",
                Place((*DATA, "features", at)),
                "it may move rows, and what was learnt would be of others",
                "put the `sql` steps first under `features`",
            )
