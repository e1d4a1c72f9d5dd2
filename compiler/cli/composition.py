"""Where the library, the strategies and the targets meet the compiler, imported late."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol, cast

from omniforce.spec.blocks.search import StrategyChoice
from omniforce.spec.diagnostic import Diagnostic
from omniforce.spec.expression.tree import Objective
from omniforce.spec.frozen import dataclass
from omniforce.spec.load import Loaded, load
from omniforce.spec.read_source import read_source
from omniforce.spec.source import Source

from ..catalogue import Catalogue, ChosenStrategy, WrongOption
from ..ir.program import Search
from ..pipeline import Refuser
from .chosen import (
    DEFAULT_SPEC,
    Chosen,
    layers_option,
    params_option,
    parse_params,
    settings_option,
    spec_and_overlays,
    spec_options,
    specs_options,
)

if TYPE_CHECKING:
    from omniforce.spec.space import Space
    from omniforce.spec.templates.library import Opened, Refused, Templates
    from omniforce.spec.templates.reference import Reference
    from omniforce.targets.target import File

    from ..ir.program import Program

__all__ = [
    "DEFAULT_SPEC",
    "PLATFORMS",
    "Chosen",
    "Emitter",
    "LateTemplates",
    "Platform",
    "catalogue",
    "layers_option",
    "load_document",
    "load_file",
    "load_spec",
    "params_option",
    "parse_params",
    "settings_option",
    "sources",
    "spec_and_overlays",
    "spec_options",
    "specs_options",
]


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


def _ray() -> Platform:
    from omniforce.targets.platforms.ray.target import RayTarget, notes, objects

    return Platform(cast("Any", RayTarget()), cast("Any", notes), cast("Any", objects))


PLATFORMS: Mapping[str, Callable[[], Platform]] = {
    "kubernetes": _kubernetes,
    "local": _local,
    "katib": _katib,
    "trainer": _trainer,
    "ray": _ray,
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
        choose_strategy=_choose_strategy,
        wrong_option=_wrong_option,
    )


def _choose_strategy(search: Search) -> ChosenStrategy:
    from omniforce.strategies.choosing import Situation, choose

    chosen = choose(
        Situation(
            search.space,
            sum(isinstance(goal, Objective) for goal in search.goals),
            search.budget.trials,
            search.parallelism,
            past=search.warm_start.by != "off",
            options=search.strategy.options,
        )
    )
    return ChosenStrategy(chosen.name, chosen.reasons)


def _wrong_option(choice: StrategyChoice, space: Space) -> WrongOption | None:
    from omniforce.strategies.table import WITHOUT_OPTIONS, options

    if not choice.options and choice.name in WITHOUT_OPTIONS:
        return None
    from omniforce.strategies.options import StrategyFault, check_numbers, check_options

    try:
        check_options(choice.name, options(choice.name), choice.options)
        check_numbers(choice.name, options(choice.name), choice.options, space)
    except StrategyFault as fault:
        return WrongOption(fault.option or "", str(fault), fault.help)
    return None


def load_file(path: str, params: Mapping[str, str] | None = None) -> Loaded:
    """The spec in a file, or on standard input for `-`; a file that cannot be read is a finding."""
    return load_spec(Chosen((path,), params or {}))


def sources(loaded: Iterable[Loaded]) -> dict[str, Source]:
    """The sources by name, for messages."""
    return {source.name: source for each in loaded for source in each.sources}


def load_spec(chosen: Chosen, templates: Templates | None = None) -> Loaded:
    """The spec that the command line chose, overlays and settings laid over it.

    A file that cannot be read is a finding, and so is a template in a spec's place. Templates are
    found in the spec's folder, or in `templates`.
    """
    loaded = load_document(chosen, templates)
    if not loaded.is_template or loaded.has_errors:
        return loaded
    refused = Diagnostic(
        "OFC347",
        f"`{loaded.source.name}` is a template, and a spec is wanted",
        None,
        help="name a spec that uses it; `ofc check` and `ofc lint` take templates as well",
    )
    return replace(loaded, diagnostics=(*loaded.diagnostics, refused))


def load_document(chosen: Chosen, templates: Templates | None = None) -> Loaded:
    """`load_spec`, which takes a template in the place of a spec."""
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
