"""Which spec a command is about: its file, overlays, settings and parameters, as options."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar, cast

import click

from omniforce.spec.frozen import dataclass

DEFAULT_SPEC = "omniforce.yaml"

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which spec a command is about, as the command line says it.

    Attributes:
        files: the spec, then its overlays, each laid over those before it.
        params: values of the spec's `params`, as text.
        settings: `--set path=value`, done last.
    """

    files: tuple[str, ...]
    params: Mapping[str, str]
    settings: tuple[str, ...] = ()

    @property
    def folder(self) -> str:
        """Where the spec is: its templates, its lock and its data are looked for there."""
        return "." if self.files[0] == "-" else os.path.dirname(self.files[0]) or "."


def parse_params(pairs: Iterable[str]) -> dict[str, str]:
    """`-p trials=12` as pairs.

    Raises:
        click.UsageError: one has no `=`, or a name is set twice.
    """
    params: dict[str, str] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise click.UsageError(f"`-p {pair}` sets nothing: write `-p name=value`")
        if name in params:
            raise click.UsageError(f"`-p {name}=` stands twice")
        params[name] = value
    return params


def spec_options(function: F) -> F:
    """The options that choose a spec: `[FILE] -f FILE... --set PATH=VALUE -p NAME=VALUE`.

    For every command that is about one spec; it gets `chosen: Chosen`.
    """

    @functools.wraps(function)
    def command(
        *args: Any,
        file: str | None,
        layers: tuple[str, ...],
        settings: tuple[str, ...],
        params: dict[str, str],
        **rest: Any,
    ) -> Any:
        chosen = Chosen(spec_and_overlays(file, layers), params, settings)
        return function(*args, chosen=chosen, **rest)

    decorated = click.argument("file", required=False)(command)
    return cast("F", layers_option(settings_option(params_option(decorated))))


def specs_options(function: F) -> F:
    """The options of a command about many specs: `[FILES...]`, and what `spec_options` has.

    Each of FILES is a spec; what `-f` names is one spec with its overlays. It gets
    `chosen: tuple[Chosen, ...]`.
    """

    @functools.wraps(function)
    def command(
        *args: Any,
        files: tuple[str, ...],
        layers: tuple[str, ...],
        settings: tuple[str, ...],
        params: dict[str, str],
        **rest: Any,
    ) -> Any:
        if (*files, *layers).count("-") > 1:
            raise click.UsageError("`-` stands twice, and standard input is read once")
        layered = (spec_and_overlays(None, layers),) if layers or not files else ()
        specs = (*((name,) for name in files), *layered)
        chosen = tuple(Chosen(each, params, settings) for each in specs)
        return function(*args, chosen=chosen, **rest)

    decorated = click.argument("files", nargs=-1)(command)
    return cast("F", layers_option(settings_option(params_option(decorated))))


def spec_and_overlays(argument: str | None, layers: tuple[str, ...]) -> tuple[str, ...]:
    """The spec that a command is about and its overlays, from its argument and `-f`.

    Raises:
        click.UsageError: both name a spec, or standard input is to be read twice.
    """
    if argument is not None and layers:
        raise click.UsageError(
            "the spec is named twice: as an argument and with `-f`; "
            f"overlays go as `-f {argument} -f {layers[0]}`"
        )
    if layers.count("-") > 1:
        raise click.UsageError("`-f -` stands twice, and standard input is read once")
    return layers or (argument or DEFAULT_SPEC,)


def read_params(
    context: click.Context, parameter: click.Parameter, pairs: tuple[str, ...]
) -> dict[str, str]:
    """`parse_params` as a callback of an option."""
    return parse_params(pairs)


layers_option = click.option(
    "-f",
    "--file",
    "layers",
    multiple=True,
    metavar="FILE",
    help="The spec, then its overlays, each laid over those before; `-` reads stdin.",
)

settings_option = click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="PATH=VALUE",
    help="Sets one value of the spec, as in `spec.search.parallelism=4`; may stand often.",
)

params_option = click.option(
    "-p",
    "--param",
    "params",
    multiple=True,
    metavar="NAME=VALUE",
    callback=read_params,
    help="Sets a parameter of the spec; may stand often.",
)
