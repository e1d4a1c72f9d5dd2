"""Data of scikit-learn is a set that it brings."""

from __future__ import annotations

from collections.abc import Iterator

from ..blocks.data import BUNDLED
from ..expression.tree import Offsets
from ..fix import is_sure
from ..readers import nearest, or_list
from .finding import Finding, Place, Readable

SOURCE = ("spec", "data", "source")
SCHEME = "sklearn://"


def known_data(document: Readable) -> Iterator[Finding]:
    """Asks that `sklearn://name` names a set; what is behind other URIs is known where it is."""
    source = document.value(str, *SOURCE)
    if source is None or not source.startswith(SCHEME):
        return
    name = source.removeprefix(SCHEME)
    if name in BUNDLED:
        return
    meant = nearest(name, BUNDLED)
    yield Finding(
        "OFC334",
        f"scikit-learn brings no data set `{name}`",
        Place(SOURCE, Offsets(len(SCHEME), len(source))),
        f"did you mean `{meant}`?" if meant else "unknown data set",
        f"write `{SCHEME}{meant}`"
        if meant
        else f"write {or_list(tuple(SCHEME + each for each in BUNDLED))}; "
        "other data is read from files, as in `file://data.csv`",
        instead=meant or "",
        sure=meant is not None and is_sure(name, meant, BUNDLED),
    )
