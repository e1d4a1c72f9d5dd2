"""An algorithm is one of the library, or an image with the class in it: one of the two, whole."""

from __future__ import annotations

from collections.abc import Iterator

from ..blocks.algorithm import Algorithm
from .finding import Finding, Place, Readable

ALGORITHM = ("spec", "algorithm")


def algorithm_choice(document: Readable) -> Iterator[Finding]:
    """Asks for `use`, or for `image` and `estimator`, and not for both."""
    algorithm = document.value(Algorithm, *ALGORITHM)
    if algorithm is None:
        return
    own = {
        "image": algorithm.image,
        "estimator": algorithm.estimator,
        "metrics": algorithm.metrics,
        "parameters": algorithm.parameters,
    }
    written = [name for name, value in own.items() if value]
    if algorithm.use is not None:
        for name in written:
            yield Finding(
                "OFC107",
                f"`{name}` describes an algorithm of your own, `use` names one of the library",
                Place((*ALGORITHM, name), on_key=True),
                "not beside `use`",
                f"remove `{name}`, or remove `use`",
                (Place((*ALGORITHM, "use"), on_key=True), "names one of the library"),
            )
        return
    for name in ("image", "estimator"):
        if own[name]:
            continue
        examples = {"image": "registry.example/team/image:1.0", "estimator": "package.module:Class"}
        yield Finding(
            "OFC102",
            f"`{name}` is missing in `algorithm`"
            if written
            else "`algorithm` says neither `use`, nor `image` and `estimator`",
            Place(ALGORITHM, on_key=True),
            f"needs `{name}`" if written else "no algorithm",
            f"add `{name}: {examples[name]}`" if written else "add `use: vision/classifier@1`",
        )
        if not written:
            return
