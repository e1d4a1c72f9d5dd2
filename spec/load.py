"""From the text of a spec to a study: YAML, parameters, blocks, and what holds between them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, cast

from .blocks.study import Study
from .diagnostic import Diagnostic
from .expression.tree import Expression, Goal, ModelChoice, ParetoModel, Requirement
from .frozen import dataclass
from .layers.composed import Composed, Used, is_template, use_of
from .nodes import Node, Scalar, SequenceNode
from .params.placeholders import fill
from .params.values import Parameters, read_parameters
from .places import Places
from .readers import Block, Invalid, Reading
from .resolving.constraints import join_constraints
from .rules import RULES, Place, Readable, locate, run
from .rules.model_choice import goal_meant
from .source import Path, Source, Span
from .space import Space
from .versions import read_document

if TYPE_CHECKING:
    from .templates.library import Templates

SPACE = ("spec", "searchSpace")
CONSTRAINTS = ("spec", "constraints")


@dataclass(frozen=True, slots=True)
class Loaded:
    """What came of a file.

    Attributes:
        study: None where any of its blocks could not be read; complete, though perhaps not
            consistent, where only the rules found errors.
        spans: the place of every written value, by path.
        diagnostics: all that is wrong, in the order of the file.
        sources: every text that was read, the spec itself first; spans name them.
        document: the tree as written, placeholders and all, for `render`.
        filled: the tree with the values of parameters.
        templates: what the spec is made of, by name and digest.
        uses: for each template's file, the place where the spec uses it.
        given: the parameters that this run sets.
        is_template: whether the file is no spec but a template, looked at by itself.
    """

    study: Study | None
    spans: Mapping[Path, Span]
    diagnostics: tuple[Diagnostic, ...]
    sources: tuple[Source, ...]
    document: Node | None = None
    filled: Node | None = None
    templates: tuple[Used, ...] = ()
    uses: tuple[tuple[str, Span], ...] = ()
    given: frozenset[str] = frozenset()
    is_template: bool = False

    @property
    def source(self) -> Source:
        """The spec itself, without overlays and templates."""
        return self.sources[0]

    @property
    def has_errors(self) -> bool:
        """Whether the study is refused."""
        return any(d.is_error for d in self.diagnostics)


def load(
    source: Source,
    params: Mapping[str, str] = MappingProxyType({}),
    *,
    overlays: Sequence[Source] = (),
    settings: Sequence[str] = (),
    templates: Templates | None = None,
) -> Loaded:
    """Reads and checks a spec, as far as that needs no knowledge of algorithms and targets.

    Args:
        source: the file.
        params: values for the spec's `params`, as text; they go before the declared defaults.
        overlays: parts of a spec, each laid over what comes before it.
        settings: single values, `path=value`, done after the overlays.
        templates: where the templates of the spec are found, if it is made of any.
    """
    document, found = read_document(source)
    if document is None:
        return Loaded(None, {}, found, (source,))
    if is_template(document):
        from .templates.check import check_template

        said = check_template(source, alone=not overlays and not settings)
        return Loaded(None, {}, in_order(said), (source,), is_template=True)
    if not overlays and not settings and use_of(document) is None:
        return _loaded(Composed(document, found), source, params)
    from .layers.compose import compose, told_with_use, without_credentials

    composed = compose(document, source, params, overlays, settings, templates)
    made = _loaded(replace(composed, found=(*found, *composed.found)), source, params)
    return replace(
        made,
        sources=without_credentials(made.sources, made.diagnostics),
        diagnostics=in_order(told_with_use(made.diagnostics, made.uses)),
    )


def _loaded(composed: Composed, source: Source, params: Mapping[str, str]) -> Loaded:
    """A document, put together and unfilled, as a study."""
    document, found = composed.document, composed.found
    sources = (source, *composed.sources)
    if document is None:
        return Loaded(None, {}, in_order(found), sources, uses=composed.uses)
    parameters = read_parameters(document, params)
    filled = fill(document, parameters, composed.read)
    reading = Reading()
    study = reading.read(Block(Study), filled.document, ())
    quiet = Places([*_places(found), *filled.hollow, *_places(parameters.found)])
    # Of what an earlier stage has said that it is wrong, this would be a consequence.
    read = tuple(d for d in reading.found if d.span is None or not quiet.around(d.span))
    readable = Readable(filled.document, reading.values)
    space, faults = _constrained(readable)
    everything = (
        *found,
        *parameters.found,
        *filled.found,
        *read,
        *faults,
        *run(RULES, readable),
    )
    return Loaded(
        None
        if isinstance(study, Invalid) or space is None
        else _completed(study, parameters, space),
        reading.spans,
        in_order(everything),
        sources,
        document,
        filled.document,
        composed.templates,
        composed.uses,
        frozenset(params),
    )


def _constrained(readable: Readable) -> tuple[Space | None, tuple[Diagnostic, ...]]:
    """The space with the constraints of the study, and what is wrong with those."""
    space = readable.value(Space, *SPACE)
    if space is None:
        return None, ()
    written = readable.written(*CONSTRAINTS)
    count = len(written.items) if isinstance(written, SequenceNode) else 0
    places = [i for i in range(count) if (*CONSTRAINTS, i) in readable.values]
    expressions = [cast("Expression", readable.values[(*CONSTRAINTS, i)]) for i in places]
    joined = join_constraints(space, expressions)
    return joined.space, tuple(
        Diagnostic(
            fault.code,
            fault.message,
            locate(Place((*CONSTRAINTS, places[i]), fault.at), readable.document),
            fault.label,
            fault.help,
            edits=(fix := fault.fix(_scalar(readable, places[i]))).edits,
            applicable=fix.applicable,
        )
        for i, fault in joined.faults
    )


def _scalar(readable: Readable, place: int) -> Scalar | None:
    node = readable.written(*CONSTRAINTS, place)
    return node if isinstance(node, Scalar) else None


def in_order(found: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """By place, each once, a file after the other as they first come; what has no place is last."""
    each = tuple(dict.fromkeys(found))
    files = {d.span.file: i for i, d in reversed(tuple(enumerate(each))) if d.span is not None}
    return tuple(sorted(each, key=lambda d: _position(d, files)))


def _position(diagnostic: Diagnostic, files: Mapping[str, int]) -> tuple[bool, int, int, int]:
    span = diagnostic.span
    if span is None:
        return True, 0, 0, 0
    return False, files[span.file], span.line, span.column


def _places(found: Iterable[Diagnostic]) -> Iterable[Span]:
    return (d.span for d in found if d.span is not None)


def _completed(study: Study, parameters: Parameters, space: Space) -> Study:
    """The study with what only the whole document says: names, values, devices that are meant."""
    spec = study.spec
    deployment = spec.deployment
    if deployment is not None:
        model = _with_devices(deployment.model, spec.objectives)
        deployment = replace(deployment, model=model)
    values = {p.name: p.value for p in parameters.by_name.values()}
    spec = replace(
        spec,
        search_space=space,
        devices=tuple((name, replace(device, name=name)) for name, device in spec.devices),
        params=tuple(
            (name, replace(param, default=values.get(name, param.default)))
            for name, param in spec.params
        ),
        deployment=deployment,
    )
    return replace(study, spec=spec)


def _with_devices(model: ModelChoice, goals: tuple[Goal, ...]) -> ModelChoice:
    """`pareto(latency.p95 <= 5ms)` with the device of the one goal that it means."""
    if not isinstance(model, ParetoModel):
        return model
    metrics = tuple(goal.metric for goal in goals)
    made: list[Requirement] = []
    for requirement in model.requirements:
        meant = goal_meant(requirement.metric, metrics)
        device = meant[0].device if len(meant) == 1 else requirement.metric.device
        made.append(replace(requirement, metric=replace(requirement.metric, device=device)))
    return replace(model, requirements=tuple(made))
