"""An algorithm is one of the library, or a class or program of the writer's own: one of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from ..blocks.algorithm import Algorithm
from .finding import Finding, Place, Readable

ALGORITHM = ("spec", "algorithm")


def algorithm_choice(document: Readable) -> Iterator[Finding]:
    """Asks for one of `use`, `estimator` and `command`.

    Whether a class or program needs an `image` is for the target to say: on this machine its path
    does.
    """
    algorithm = document.value(Algorithm, *ALGORITHM)
    if algorithm is None:
        return
    own = {
        "image": algorithm.image,
        "estimator": algorithm.estimator,
        "command": algorithm.command,
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
    if algorithm.command:
        yield from _command(algorithm)
    if algorithm.estimator or algorithm.command:
        return
    yield Finding(
        "OFC102",
        "`estimator` is missing in `algorithm`"
        if written
        else "`algorithm` says none of `use`, `estimator` and `command`",
        Place(ALGORITHM, on_key=True),
        "needs `estimator`" if written else "no algorithm",
        "add `estimator: package.module:Class`" if written else "add `use: vision/classifier@1`",
    )


def _command(algorithm: Algorithm) -> Iterator[Finding]:
    """A program is found on the PATH by its name, or lies in the spec's folder."""
    if algorithm.estimator:
        yield Finding(
            "OFC107",
            "`estimator` is a class that trains, `command` a program",
            Place((*ALGORITHM, "estimator"), on_key=True),
            "not beside `command`",
            "remove `estimator`, or remove `command`",
            (Place((*ALGORITHM, "command"), on_key=True), "names a program"),
        )
    program = algorithm.command[0]
    parts = PurePosixPath(program.replace("\\", "/")).parts
    if parts[:1] == ("/",) or ".." in parts:
        yield Finding(
            "OFC860",
            f"the program `{program}` lies outside of the spec's folder",
            Place((*ALGORITHM, "command", 0)),
            "another machine has it elsewhere"
            if parts[:1] == ("/",)
            else "leads out of the folder",
            f"write `{parts[-1]}` for a program on the PATH, or `./{parts[-1]}` for one beside the "
            "spec",
        )
