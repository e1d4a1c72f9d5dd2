"""Where the library, the strategies and the targets meet the compiler, imported late."""

from __future__ import annotations

import functools
import os
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
    from omniforce.spec.templates.library import Opened, Refused, Templates
    from omniforce.spec.templates.reference import Reference
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

    `objects` are the trees behind the files, which a layout needs; None where there are none.

    Its parts are cast, since a type checker that walks the folders takes `omniforce.compiler`,
    which targets import, for another package than this one.
    """

    target: Emitter
    notes: Callable[[Program], tuple[str, ...]]
    objects: Callable[[Program], tuple[dict[str, object], ...]] | None = None


def _kubernetes() -> Platform:
    from omniforce.targets.platforms.kubernetes.target import KubernetesTarget, notes, objects

    return Platform(cast("Any", KubernetesTarget()), cast("Any", notes), cast("Any", objects))


def _local() -> Platform:
    from omniforce.targets.platforms.local.target import LocalTarget, notes

    return Platform(cast("Any", LocalTarget()), cast("Any", notes))


def _katib() -> Platform:
    from omniforce.targets.platforms.katib.target import KatibTarget, notes, objects

    return Platform(cast("Any", KatibTarget()), cast("Any", notes), cast("Any", objects))


def _trainer() -> Platform:
    from omniforce.targets.platforms.trainer.target import TrainerTarget, notes, objects

    return Platform(cast("Any", TrainerTarget()), cast("Any", notes), cast("Any", objects))


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
    return load_spec(Chosen((path,), params or {}))


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

    @property
    def folder(self) -> str:
        """Where the spec is: its templates, its lock and its data are looked for there."""
        return "." if self.files[0] == "-" else os.path.dirname(self.files[0]) or "."


def load_spec(chosen: Chosen, templates: Templates | None = None) -> Loaded:
    """The spec that the command line chose, overlays and settings laid over it.

    A file that cannot be read is a finding. Templates are those of its folder, or `templates`.
    """
    read = [read_source(path) for path in chosen.files]
    lost = tuple(each for each in read if isinstance(each, Diagnostic))
    names = ["<stdin>" if path == "-" else path for path in chosen.files]
    if lost:
        sources = (
            Source(name, "") if isinstance(each, Diagnostic) else each
            for name, each in zip(names, read, strict=True)
        )
        return Loaded(None, {}, lost, tuple(sources))
    spec, *overlays = (each for each in read if isinstance(each, Source))
    return load(
        spec,
        chosen.params,
        overlays=overlays,
        settings=chosen.settings,
        templates=templates or LateTemplates(chosen.folder),
    )


class LateTemplates:
    """The templates of a spec's folder, imported when a spec uses one."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._made: Templates | None = None

    def open(self, reference: Reference, user: Opened | None) -> Opened | Refused:
        """The template that a reference means."""
        return self._templates().open(reference, user)

    def beside_spec(self, opened: Opened, path: str) -> str | None:
        """A file of a template as a path from the spec's folder."""
        return self._templates().beside_spec(opened, path)

    def _templates(self) -> Templates:
        if self._made is None:
            from ..templates.folder import TemplateFolder

            self._made = TemplateFolder(self._folder)
        return self._made


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
