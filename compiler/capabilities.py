"""What a program asks of its target, so that each target refuses what it does not have.

A target lists the words of `uses` that it supports; `unsupported` makes a diagnostic of every
other use, at its place in the spec, with a way out. A block that the language accepts can thus
never be dropped in silence: it is in `uses`, or it is in no target.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from omniforce.spec.diagnostic import Diagnostic
from omniforce.spec.source import Span

from .ir.program import Advise, Explain, Notify, Prepare, Program, Search, Serve, Step, Watch
from .language_uses import LANGUAGE, goal_uses, space_uses
from .use import Use

CUSTOM = "custom/"
"""How lowering calls an estimator of the writer's own."""


def unsupported(target: str, supports: frozenset[str], program: Program) -> tuple[Diagnostic, ...]:
    """An OFC401 for each use whose word the target does not list, in the order of the steps."""
    places = dict(program.places)
    return tuple(
        Diagnostic(
            "OFC401",
            f"{use.what} is not on the target `{target}`",
            _place(places, use),
            f"not on `{target}`",
            use.way_out,
        )
        for use in dict.fromkeys(uses(program, language=not supports >= LANGUAGE))
        if use.word not in supports
    )


def _place(places: Mapping[str, Span], use: Use) -> Span | None:
    """Where the use is written, or what it is written into, as in `dropout: 0...1, default 0.1`."""
    within, _, _ = use.path.rpartition(".")
    if within.count(".") >= 2:
        return places.get(use.path) or places.get(within, use.span)
    return places.get(use.path, use.span)


def uses(program: Program, *, language: bool = True) -> Iterator[Use]:
    """All that a program asks for beyond what every target has.

    Args:
        program: complete.
        language: whether to look at space and goals too, which takes longest in a large space.
    """
    for step in program.steps:
        yield from _uses(step)
        if language and isinstance(step, Search):
            yield from space_uses(step)
            yield from goal_uses(step)


def _uses(step: Step) -> Iterator[Use]:
    match step:
        case Prepare(source=source, span=span):
            scheme = source.partition("://")[0]
            path = "spec.data.source"
            way_out = "copy the data to a file and write `file://...`"
            yield Use(f"source:{scheme}", f"data from `{scheme}://`", path, way_out, span)
        case Search():
            yield from _search(step)
        case Serve():
            yield from _serve(step)
        case Explain(method=method, span=span):
            path = "spec.deployment.explain"
            yield Use(f"explain:{method}", f"the explainer `{method}`", path, _REMOVE, span)
        case Watch(span=span):
            path = "spec.deployment.monitor"
            yield Use("monitor", "looking for drift", path, _REMOVE, span)
        case Advise(span=span):
            yield Use("advise", "advice on the spec", "spec", _REMOVE, span)
        case Notify(span=span):
            yield Use("notify", "telling somebody", "spec", _REMOVE, span)
        case _:
            pass


_REMOVE = "remove it for this target"


def _search(step: Search) -> Iterator[Use]:
    span = step.span
    if step.privacy is not None:
        yield Use("privacy", "differential privacy", "spec.data.privacy", _REMOVE, span)
    if step.algorithm.image is not None:
        path = "spec.algorithm.image"
        way_out = "remove `image`, and put the class on this machine's path"
        yield Use("image", "an algorithm in an image of its own", path, way_out, span)
    elif step.algorithm.command:
        path = "spec.algorithm.command"
        way_out = "add `image:`, a container image with the program in it"
        yield Use("command", "a program on this machine's own path", path, way_out, span)
    elif step.algorithm.name.startswith(CUSTOM):
        path = "spec.algorithm.estimator"
        way_out = "add `image:`, a container image with the class in it"
        yield Use("estimator", "a class on this machine's own path", path, way_out, span)
    bounds = {
        "budget.wallClock": step.budget.wall_clock,
        "budget.gpuHours": step.budget.gpu_hours,
        "budget.usd": step.budget.usd,
        "budget.kWh": step.budget.kwh,
    }
    for word, bound in bounds.items():
        if bound is not None:
            what = f"the bound `{word.partition('.')[2]}`"
            way_out = "bound the search by `trials`"
            yield Use(word, what, f"spec.search.{word}", way_out, span)
    if step.resources is not None and step.resources.gpu:
        path = "spec.search.trial.resources.gpu"
        yield Use("gpu", "a GPU for each trial", path, "train on the CPU with `gpu: 0`", span)
    yield from _nodes(step)
    if step.stopping is not None:
        what = f"early stopping by `{step.stopping.rule}`"
        yield Use("stopping", what, "spec.search.stopping", "remove `stopping`", span)
    if step.warm_start.by != "off":
        path = "spec.search.warmStart"
        yield Use("warmStart", "beginning with past studies", path, "write `warmStart: off`", span)
    for device in step.devices:
        path = f"spec.devices.{device.name}"
        runtime, precision = device.runtime, device.precision
        way_out = "write `runtime: onnx`"
        yield Use(
            f"runtime:{runtime}", f"the runtime `{runtime}`", f"{path}.runtime", way_out, span
        )
        way_out = "write `precision: fp32`"
        what = f"the precision `{precision}`"
        yield Use(f"precision:{precision}", what, f"{path}.precision", way_out, span)
        if device.agent is not None:
            way_out = "remove `agent`, and measure where the trials run"
            yield Use("agent", "measuring by an edge agent", f"{path}.agent", way_out, span)
        if device.measure.where == "function":
            what = "measuring by a function of its own"
            way_out = "write `where: trial`, or remove it"
            yield Use("measure:function", what, f"{path}.measure.where", way_out, span)
        for key, asked in (
            ("nodeSelector", device.node_selector),
            ("tolerations", device.tolerations),
        ):
            if asked:
                what = f"measuring on nodes of a cluster by `{key}`"
                yield Use("placement", what, f"{path}.{key}", f"remove `{key}`", span)


def _nodes(step: Search) -> Iterator[Use]:
    path, nodes = "spec.search.trial.nodes", step.nodes
    if nodes.most > 1:
        what = f"a trial on {nodes.most} nodes"
        yield Use("nodes", what, path, "write `nodes: 1`, or remove it", step.span)
    if nodes.elastic:
        what = f"a trial on {nodes.least} to {nodes.most} nodes"
        yield Use("nodes.elastic", what, path, f"write `nodes: {nodes.most}`", step.span)


def _serve(step: Serve) -> Iterator[Use]:
    path = "spec.deployment.rollout"
    yield Use("serve", "serving the model", "spec.deployment", "remove `deployment`", step.span)
    if step.rollout is None:
        return
    yield Use("canary", "a canary", f"{path}.canary", "remove `rollout`", step.span)
    if step.rollout.promote_when is not None:
        way_out = "remove `promoteWhen`, and promote by hand"
        what = "promoting a canary by a rule"
        yield Use("promoteWhen", what, f"{path}.promoteWhen", way_out, step.span)
