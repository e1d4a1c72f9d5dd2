"""Where the library, the strategies and the targets meet the compiler, imported late."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast

import click

from omniforce.spec.blocks.search import StrategyChoice
from omniforce.spec.diagnostic import Diagnostic
from omniforce.spec.frozen import dataclass
from omniforce.spec.load import Loaded, load
from omniforce.spec.read_source import read_source
from omniforce.spec.source import Source

from ..catalogue import Catalogue, WrongOption
from ..pipeline import Refuser

if TYPE_CHECKING:
    from omniforce.targets.target import File

    from ..ir.program import Program

DEFAULT_SPEC = "omniforce.yaml"

F = TypeVar("F", bound=Callable[..., Any])


class Emitter(Refuser, Protocol):
    """A target as the commands see it."""

    def emit(self, program: Program) -> tuple[File, ...]:
        """The files of a program."""
        ...


@dataclass(frozen=True, slots=True)
class Platform:
    """A target with what people must know beside its files.

    Its parts are cast, since a type checker that walks the folders takes `omniforce.compiler`,
    which targets import, for another package than this one.
    """

    target: Emitter
    notes: Callable[[Program], tuple[str, ...]]


def _kubernetes() -> Platform:
    from omniforce.targets.platforms.kubernetes.target import KubernetesTarget, notes

    return Platform(cast("Any", KubernetesTarget()), cast("Any", notes))


def _local() -> Platform:
    from omniforce.targets.platforms.local.target import LocalTarget, notes

    return Platform(cast("Any", LocalTarget()), cast("Any", notes))


def _katib() -> Platform:
    from omniforce.targets.platforms.katib.target import KatibTarget, notes

    return Platform(cast("Any", KatibTarget()), cast("Any", notes))


def _trainer() -> Platform:
    from omniforce.targets.platforms.trainer.target import TrainerTarget, notes

    return Platform(cast("Any", TrainerTarget()), cast("Any", notes))


PLATFORMS: Mapping[str, Callable[[], Platform]] = {
    "kubernetes": _kubernetes,
    "local": _local,
    "katib": _katib,
    "trainer": _trainer,
}
"""What `--target` takes."""


def catalogue() -> Catalogue:
    """The algorithms of the library and the strategies of this installation."""
    from omniforce.stdlib_algorithms.catalogue import find, names
    from omniforce.strategies import table

    return Catalogue(
        algorithms=find,
        algorithm_names=names,
        has_strategy=lambda name: name in table.STRATEGIES or name in table.names(),
        strategy_names=table.names,
        wrong_option=_wrong_option,
    )


def _wrong_option(choice: StrategyChoice) -> WrongOption | None:
    if not choice.options:
        return None
    from omniforce.strategies.options import StrategyFault, check_options
    from omniforce.strategies.table import options

    try:
        check_options(choice.name, options(choice.name), choice.options)
    except StrategyFault as fault:
        return WrongOption(fault.option or "", str(fault), fault.help)
    return None


def load_file(path: str, params: Mapping[str, str] | None = None) -> Loaded:
    """The spec in a file, or on standard input for `-`; a file that cannot be read is a finding."""
    source = read_source(path)
    if isinstance(source, Diagnostic):
        nothing = Source("<stdin>" if path == "-" else path, "")
        return Loaded(None, {}, (source,), (nothing,))
    return load(source, params or {})


def sources(loaded: Iterable[Loaded]) -> dict[str, Source]:
    """The sources by name, for messages."""
    return {source.name: source for each in loaded for source in each.sources}


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


def load_spec(chosen: Chosen) -> Loaded:
    """The spec that the command line chose, overlays and settings laid over it."""
    return load_file(chosen.files[0], chosen.params)


def spec_options(function: F) -> F:
    """The options that choose a spec: `[FILE] -f FILE -p NAME=VALUE`; gives `chosen: Chosen`.

    For every command that is about one spec.
    """

    @functools.wraps(function)
    def command(
        *args: Any, file: str | None, option: str | None, params: dict[str, str], **rest: Any
    ) -> Any:
        return function(*args, chosen=Chosen((spec_argument(file, option),), params), **rest)

    decorated = click.argument("file", required=False)(command)
    decorated = click.option(
        "-f", "--file", "option", metavar="FILE", help="The spec; `-` reads stdin."
    )(decorated)
    return cast("F", params_option(decorated))


def spec_argument(argument: str | None, option: str | None) -> str:
    """The one spec that a command is about, from its argument, `-f`, or the default.

    Raises:
        click.UsageError: both are given.
    """
    if argument is not None and option is not None:
        raise click.UsageError("the spec is named twice: as an argument and with `-f`")
    return argument or option or DEFAULT_SPEC


def read_params(
    context: click.Context, parameter: click.Parameter, pairs: tuple[str, ...]
) -> dict[str, str]:
    """`parse_params` as a callback of an option."""
    return parse_params(pairs)


params_option = click.option(
    "-p",
    "--param",
    "params",
    multiple=True,
    metavar="NAME=VALUE",
    callback=read_params,
    help="Sets a parameter of the spec; may stand often.",
)
