"""An algorithm is one of the library, or a class of the writer's own: one of the two."""

from __future__ import annotations

from collections.abc import Iterator

from ..blocks.algorithm import Algorithm
from .finding import Finding, Place, Readable

ALGORITHM = ("spec", "algorithm")


def algorithm_choice(document: Readable) -> Iterator[Finding]:
    """Asks for `use` or for `estimator`, and not for both.

    Whether the class needs an `image` is for the target to say: on this machine its path does.
    """
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
    if algorithm.estimator:
        return
    yield Finding(
        "OFC102",
        "`estimator` is missing in `algorithm`"
        if written
        else "`algorithm` says neither `use` nor `estimator`",
        Place(ALGORITHM, on_key=True),
        "needs `estimator`" if written else "no algorithm",
        "add `estimator: package.module:Class`" if written else "add `use: vision/classifier@1`",
    )
