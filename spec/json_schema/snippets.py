"""What editors put in for a whole block, with the places to fill in: `${1:like this}`.

A key with exactly one is written out with it as soon as it is chosen.
"""

from __future__ import annotations

from typing import Final

from ..frozen import dataclass
from ..versions.changes import LATEST


@dataclass(frozen=True, slots=True)
class Snippet:
    """One way to begin a block.

    Attributes:
        label: what the editor lists.
        description: beside it.
        body: as plain values; `${1:x}` is a place to fill in, `${1|a,b|}` a choice.
    """

    label: str
    description: str
    body: object


_DATA: Final = {"source": "${1:sklearn://digits}", "target": "${2:label}"}
_ALGORITHM: Final = {"use": "${3:vision/classifier@1}"}
_SPACE: Final = {"${4:learning_rate}": "${5:1e-4...1e-1 log}"}
_SEARCH: Final = {"budget": {"trials": "${7:24}"}}

SNIPPETS: Final[dict[str, tuple[Snippet, ...]]] = {
    "Study": (
        Snippet(
            "study",
            "A whole spec to start from.",
            {
                "apiVersion": LATEST,
                "kind": "OmniForce",
                "metadata": {"name": "${8:my-study}"},
                "spec": {
                    "data": _DATA,
                    "algorithm": _ALGORITHM,
                    "searchSpace": _SPACE,
                    "objectives": ["maximize ${6:accuracy}"],
                    "search": _SEARCH,
                },
            },
        ),
    ),
    "StudySpec.data": (Snippet("data", "A source and the column to predict.", _DATA),),
    "StudySpec.algorithm": (
        Snippet("algorithm", "One of the library, by its name and version.", _ALGORITHM),
    ),
    "StudySpec.searchSpace": (Snippet("searchSpace", "Parameters by their names.", _SPACE),),
    "StudySpec.objectives[]": (
        Snippet("maximize", "A figure of the training.", "maximize ${1:accuracy}"),
        Snippet("minimize", "A figure of a device.", "minimize ${1:latency.p95} on ${2:server}"),
        Snippet("require", "A bound to keep.", "require ${1:size} <= ${2:2MiB} on ${3:server}"),
    ),
    "StudySpec.search": (
        Snippet("search", "A budget, and how much at once.", {**_SEARCH, "parallelism": "${8:2}"}),
    ),
    "StudySpec.params": (
        Snippet(
            "a whole number",
            "Set by `-p trials=60`, read as `$(params.trials)`.",
            {"${1:trials}": {"type": "int", "default": "${2:24}", "minimum": "${3:1}"}},
        ),
    ),
    "StudySpec.devices": (
        Snippet(
            "a device",
            "What the model must run on.",
            {"${1:server}": {"runtime": "${2|onnx,openvino,tvm,tensorrt|}"}},
        ),
    ),
    "StudySpec.deployment": (
        Snippet(
            "deployment",
            "Which model is served, and where.",
            {"to": "${1:server}", "model": "${2|best,knee,weighted|}"},
        ),
    ),
}
"""By the block, by the block and its key, or with `[]` for an item of the list there."""


def snippets_of(place: str) -> dict[str, object]:
    """What the schema says of a place's snippets; nothing where it has none."""
    made = [
        {"label": s.label, "description": s.description, "body": s.body}
        for s in SNIPPETS.get(place, ())
    ]
    return {"defaultSnippets": made} if made else {}
