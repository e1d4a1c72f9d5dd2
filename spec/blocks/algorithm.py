"""`algorithm`: what is searched; a name of the library, or an image of the writer's own."""

from __future__ import annotations

from typing import Literal

from ..expression.tree import Value
from ..frozen import dataclass
from ..readers import Block, ListOf, MapOf, Number, OneOf, Text, key
from .literal import LiteralReader


@dataclass(frozen=True, slots=True)
class Algorithm:
    """One of `use`, `estimator` and `command`.

    The last two come with the `image` that has them where they run on a cluster.

    Attributes:
        arguments: fixed ones, which are not searched.
        metrics: what a custom estimator reports, since no description of it says so.
        parameters: what a custom estimator reads; empty means that it takes anything.
    """

    use: str | None = key(
        Text(
            "a name and a version such as `vision/classifier@1`",
            pattern=r"[a-z0-9_]+/[a-z0-9_]+@[0-9]+",
            help="end it with `@` and the major version, as in `vision/classifier@1`",
        ),
        "An algorithm of the library.",
        None,
        example="vision/classifier@1",
    )
    image: str | None = key(
        Text("an image reference", pattern=r"[A-Za-z0-9./:@_-]+"), "A container image.", None
    )
    estimator: str | None = key(
        Text("`package.module:Class`", pattern=r"[A-Za-z_][\w.]*:[A-Za-z_]\w*"),
        "The class in the image that trains.",
        None,
    )
    command: tuple[str, ...] = key(
        ListOf(Text("a word of the command", pattern=r"[^\x00]+"), maximum=200),
        "The program that trains, with its arguments; no shell reads it.",
        (),
        quiet=True,
    )
    arguments: tuple[tuple[str, Value], ...] = key(
        MapOf(LiteralReader()), "Arguments with one value, which are not searched.", ()
    )
    metrics: tuple[str, ...] = key(
        ListOf(Text("a metric's name", pattern=r"[A-Za-z_]\w*")),
        "What a custom estimator reports.",
        (),
    )
    parameters: tuple[str, ...] = key(
        ListOf(Text("a parameter's name", pattern=r"[A-Za-z_]\w*")),
        "What a custom estimator reads; empty means anything.",
        (),
    )


@dataclass(frozen=True, slots=True)
class Argument:
    """A parameter that an algorithm reads."""

    name: str = key(Text("a name", pattern=r"[A-Za-z_]\w*"), "As the estimator calls it.")
    type: Literal["int", "float", "choice", "bool"] = key(
        OneOf(("int", "float", "choice", "bool")), "What it takes."
    )
    doc: str = key(Text(), "What it does.", "")
    values: tuple[Value, ...] = key(ListOf(LiteralReader()), "The choices it knows.", ())
    default: Value | None = key(
        LiteralReader(), "Its value where neither the space nor `arguments` sets it.", None
    )


@dataclass(frozen=True, slots=True)
class ReportedMetric:
    """A figure that an algorithm reports after training."""

    name: str = key(Text("a name", pattern=r"[A-Za-z_]\w*"), "As objectives call it.")
    better: Literal["higher", "lower"] = key(OneOf(("higher", "lower")), "Which way is good.")
    unit: str = key(Text(), "`1` for a share or a count, else `s`, `B`...", "1")
    minimum: float | None = key(Number(float), "The least it can be.", None, quiet=True)
    maximum: float | None = key(Number(float), "The most it can be.", None, quiet=True)
    doc: str = key(Text(), "What it is.", "")


@dataclass(frozen=True, slots=True)
class AlgorithmInterface:
    """What an `algorithm.yaml` says: all that the compiler knows of an algorithm.

    Attributes:
        name: `area/name`.
        version: the major one; `use: area/name@1` asks for it.
        estimator: `package.module:Class`, on the path of the image or of this machine.
        image: None for one of the library, which runs in the project's own image.
        metrics: what it reports; an objective may name these.
        arguments: what it reads; empty means anything.
        exports: the formats that its models convert to.
        command: of a program; `estimator` is then the class of ours that runs it.
        task: what it learns.
    """

    name: str = key(Text("`area/name`"), "Its name.")
    version: int = key(Number(int, minimum=0), "Its major version.")
    estimator: str = key(Text("`package.module:Class`"), "The class that trains.")
    doc: str = key(Text(), "What it is, in a sentence.", "")
    task: Literal["classification", "regression", "any"] = key(
        OneOf(("classification", "regression", "any")), "What it learns.", "any"
    )
    image: str | None = key(Text(), "A container image of its own.", None)
    metrics: tuple[ReportedMetric, ...] = key(ListOf(Block(ReportedMetric)), "What it reports.", ())
    arguments: tuple[Argument, ...] = key(ListOf(Block(Argument)), "What it reads.", ())
    exports: tuple[str, ...] = key(ListOf(OneOf(("onnx",))), "Formats it converts to.", ("onnx",))
    command: tuple[str, ...] = key(ListOf(Text()), "The program that trains.", (), quiet=True)
