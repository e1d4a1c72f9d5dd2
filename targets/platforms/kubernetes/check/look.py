"""Reading fields out of a manifest of unknown shape."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

Document = Mapping[str, object]

_MAPPING: Final = (dict, Mapping)  # the class itself first: asking an abstract one takes longer


def look(document: object, *path: str) -> object:
    """The value at `path`, or None as soon as a part of the way is missing."""
    for step in path:
        if not isinstance(document, _MAPPING):
            return None
        document = document.get(step)
    return document


def tree(document: object, *path: str) -> Document:
    """The mapping at `path`; empty where there is none."""
    found = look(document, *path)
    return found if isinstance(found, Mapping) else {}


def text(document: object, *path: str) -> str:
    """The string at `path`; empty where there is none."""
    found = look(document, *path)
    return found if isinstance(found, str) else ""


def number(document: object, *path: str) -> float | None:
    """The number at `path`, also where it is written as a string."""
    found = look(document, *path)
    if isinstance(found, bool) or not isinstance(found, int | float | str):
        return None
    try:
        return float(found)
    except ValueError:
        return None


def items(document: object, *path: str) -> Iterator[Document]:
    """The mappings in the list at `path`."""
    found = look(document, *path)
    if isinstance(found, Sequence) and not isinstance(found, str):
        yield from (each for each in found if isinstance(each, Mapping))


def kind_of(document: Document) -> str:
    """Its kind; Knative's Service is told from the core one by its group."""
    kind = text(document, "kind")
    return "KnativeService" if is_a(document, "serving.knative.dev", "Service") else kind


def is_a(document: Document, group: str, kind: str) -> bool:
    """Whether it is of this kind in this API group, in any version."""
    if document.get("kind") != kind:
        return False
    return text(document, "apiVersion").rpartition("/")[0] == group


def name_of(document: Document) -> str:
    """Its name."""
    return text(document, "metadata", "name")


def namespace_of(document: Document) -> str:
    """Its namespace."""
    return text(document, "metadata", "namespace")


def of(documents: Sequence[Document], group: str, kind: str) -> Iterator[Document]:
    """Those of one kind."""
    return (each for each in documents if is_a(each, group, kind))
