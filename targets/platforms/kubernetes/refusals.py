"""What a cluster, or this target of it, cannot do for a program."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from omniforce.compiler.capabilities import unsupported
from omniforce.compiler.ir.program import Prepare, Program, Serve
from omniforce.compiler.language_uses import LANGUAGE
from omniforce.spec.diagnostic import Diagnostic, Related
from omniforce.spec.source import Span

from .names import LONGEST_SERVICE, is_label
from .pods import VOLUME_DIRECTORY
from .steps import find, search_of
from .study import LARGEST, study_size

TARGET: Final = "kubernetes"

SUPPORTS: Final = frozenset(
    {
        "budget.gpuHours",
        "budget.kWh",
        "budget.usd",
        "budget.wallClock",
        "canary",
        "gpu",
        "image",
        "measure:function",
        "nodes",
        "nodes.elastic",
        "placement",
        "precision:fp16",
        "precision:fp32",
        "precision:int8",
        "runtime:onnx",
        "serve",
        "source:file",
        "source:sklearn",
        "stopping",
        "warmStart",
    }
    | LANGUAGE
)
"""The words of `compiler.capabilities` that are lowered here."""


def refusals(program: Program) -> Iterator[Diagnostic]:
    """What the target has no word for, then what it has and this cluster or program forbids."""
    yield from unsupported(TARGET, SUPPORTS, program)
    yield from no_source(TARGET, program)
    for serve in find(program, Serve):
        yield from _rollout(serve, program)
    yield from _broker(program)
    yield from _volume(program)
    yield from _measurers(program)
    yield from _sizes(program)


def no_source(target: str, program: Program) -> Iterator[Diagnostic]:
    """Files of this machine, which no pod can read."""
    for prepare in find(program, Prepare):
        scheme, _, path = prepare.source.partition("://")
        if scheme == "file" and not path.startswith(f"{VOLUME_DIRECTORY}/"):
            yield _no(
                f"the file `{path}` of this machine",
                _place(program, "spec.data.source", prepare.span),
                f"copy it onto the study's volume and write `file://{VOLUME_DIRECTORY}/<file>`",
                target,
            )


def _rollout(serve: Serve, program: Program) -> Iterator[Diagnostic]:
    if serve.rollout is None:
        return
    span = _place(program, "spec.deployment.rollout.canary", serve.span)
    share = serve.rollout.canary * 100
    if abs(share - round(share)) > 1e-9:
        whole = max(1, round(share))
        yield _no(f"a canary of {share:g}%", span, f"write whole per cents: `canary: {whole}%`")
    if serve.mode == "Standard":
        yield _no(
            "a canary in mode `Standard`, where it needs the address of the model before it,",
            span,
            "remove `rollout`, or serve in mode `Knative`",
        )


def _broker(program: Program) -> Iterator[Diagnostic]:
    broker = program.platform.kubernetes.broker
    if broker.broker_class != "MTChannelBasedBroker" and broker.url is None:
        yield _no(
            f"a broker of class `{broker.broker_class}` without its address",
            _place(program, "spec.platform.kubernetes.broker.class", None),
            "add `url:` beside `class:`, as the Broker's status shows it",
        )


def _measurers(program: Program) -> Iterator[Diagnostic]:
    """Devices on certain nodes that a function is to measure: Knative lets it choose none."""
    for device in search_of(program).devices:
        if device.measure.where == "function" and (device.node_selector or device.tolerations):
            word = "nodeSelector" if device.node_selector else "tolerations"
            yield _no(
                f"the `{word}` of `{device.name}`, which a function measures,",
                _place(program, f"spec.devices.{device.name}.{word}", None),
                "measure in the trial's own Job with `measure: {where: trial}`",
            )


def _volume(program: Program) -> Iterator[Diagnostic]:
    """Several nodes, and a volume that only one of them can mount."""
    models, nodes = program.platform.kubernetes.models, search_of(program).nodes
    if nodes.most == 1 or models.claim_name is not None or models.access_mode == "ReadWriteMany":
        return
    places = dict(program.places)
    mode = places.get("spec.platform.kubernetes.models.accessMode")
    yield Diagnostic(
        "OFC434",
        f"a trial has {nodes.most} nodes, and the volume with the data is `ReadWriteOnce`",
        places.get("spec.search.trial.nodes"),
        "all but one would wait for it for ever",
        "add `models: {accessMode: ReadWriteMany}` under `platform.kubernetes`",
        related=(Related(mode, "by this"),) if mode is not None else (),
    )


def _sizes(program: Program) -> Iterator[Diagnostic]:
    if not is_label(program.name, LONGEST_SERVICE):
        yield _no(
            f"the name `{program.name}`",
            _place(program, "metadata.name", None),
            f"write small letters, digits and dashes, at most {LONGEST_SERVICE}, a letter first",
        )
    size = study_size(program)
    if size > LARGEST:
        yield _no(
            f"a study of {size} bytes, of which a ConfigMap holds {LARGEST},",
            _place(program, "spec.searchSpace", None),
            "make the search space smaller, or move long SQL into a view of the database",
        )


def _place(program: Program, path: str, otherwise: Span | None) -> Span | None:
    return dict(program.places).get(path, otherwise)


def _no(what: str, span: Span | None, way_out: str, target: str = TARGET) -> Diagnostic:
    return Diagnostic(
        "OFC401", f"{what} is not on the target `{target}`", span, f"not on `{target}`", way_out
    )
