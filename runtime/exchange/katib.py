"""Katib's Experiment (`kubeflow.org/v1beta1`), and its Trials where a dump has them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from omniforce.spec.nodes import MappingNode, Node, Scalar
from omniforce.spec.source import Span

from .findings import Findings
from .foreign_block import ForeignBlock, number_of
from .foreign_study import ForeignStudy, Searched, Strategy, Wish
from .katib_space import read_parameter
from .katib_template import read_template
from .naming import Naming, study_name

_SAME: Mapping[str, Strategy] = {"random": "random", "sobol": "sobol"}
_LIKE: Mapping[str, Strategy] = {
    "tpe": "bayesian",
    "multivariate-tpe": "bayesian",
    "bayesianoptimization": "bayesian",
    "hyperband": "hyperband",
    "pbt": "evolution",
    "cmaes": "bayesian",
    "grid": "random",
}


def is_experiment(node: Node) -> bool:
    """Whether a document is an Experiment."""
    return _kind(node) == "Experiment"


def name_of(node: MappingNode) -> str | None:
    """What an object is called."""
    metadata = node.get("metadata")
    name = metadata.get("name") if isinstance(metadata, MappingNode) else None
    return name.text if isinstance(name, Scalar) else None


def flattened(nodes: tuple[Node, ...]) -> Iterator[Node]:
    """Documents, and what stands in a `List` as `kubectl get -o yaml` writes it."""
    for node in nodes:
        items = node.get("items") if isinstance(node, MappingNode) else None
        if items is not None and (_kind(node) or "").endswith("List"):
            yield from getattr(items, "items", ())
        else:
            yield node


def _kind(node: Node) -> str | None:
    kind = node.get("kind") if isinstance(node, MappingNode) else None
    return kind.text if isinstance(kind, Scalar) else None


def read_experiment(node: MappingNode, findings: Findings) -> ForeignStudy | None:
    """The Experiment as a study; None where it is none."""
    top = ForeignBlock(node, "", findings)
    top.passed_over("apiVersion", "kind", "status")
    spec, metadata = top.block("spec"), top.block("metadata")
    top.finish()
    if spec is None:
        findings.wrong(
            "the Experiment has no `spec`", node.span, "no `spec`", "export it with `-o yaml`"
        )
        return None
    if metadata is not None and metadata.text("namespace") is not None:
        findings.unsaid(
            "the namespace is not taken over",
            metadata.place("namespace"),
            "write it as `platform.kubernetes.namespace`",
        )
    naming = Naming(findings)
    wishes, others = _objective(spec, naming, findings)
    parameters = tuple(
        each
        for each in (read_parameter(block, naming, findings) for block in spec.blocks("parameters"))
        if each is not None
    )
    if not parameters:
        findings.wrong(
            "the Experiment searches no `parameters`",
            spec.span,
            "nothing to search",
            "a search of architectures (`nasConfig`) has no counterpart: write its space by hand",
        )
    algorithm = _algorithm(spec, parameters, findings)
    template = read_template(spec, findings)
    study = ForeignStudy(
        system="katib",
        name=study_name(metadata.text("name") if metadata else None, "katib"),
        parameters=parameters,
        wishes=wishes,
        metrics=others,
        strategy=algorithm.strategy,
        options=algorithm.options,
        seed=algorithm.seed,
        trials=spec.whole("maxTrialCount"),
        parallelism=spec.whole("parallelTrialCount"),
        image=template.image,
        timeout=template.timeout,
        retries=template.retries,
        cpu=template.cpu,
        memory=template.memory,
        gpu=template.gpu,
    )
    _rest(spec, findings)
    return study


def _rest(spec: ForeignBlock, findings: Findings) -> None:
    spec.passed_over("resumePolicy")  # a study of ours can always be gone on with
    collector = spec.node_of("metricsCollectorSpec")
    if collector is not None:
        findings.otherwise(
            "`spec.metricsCollectorSpec` reads metrics out of the output; here a trial pushes them",
            collector.span,
            "not read from the output",
            "let the estimator give them as `metrics()`, and call `report` on the way",
        )
    if (stopping := spec.node_of("earlyStopping")) is not None:
        findings.unsaid(
            "`spec.earlyStopping` has no counterpart",
            stopping.span,
            "`strategy: {name: hyperband, options: {fidelity: epochs}}` spends less on what is bad",
        )
    if (nas := spec.node_of("nasConfig")) is not None:
        findings.unsaid(
            "`spec.nasConfig` is not taken over",
            nas.span,
            "write the architectures as `searchSpace`, see docs/language/search-space.md",
        )
    if (most := spec.node_of("maxFailedTrialCount")) is not None:
        findings.unsaid(
            "`spec.maxFailedTrialCount` has no counterpart: a failed trial is one that was tried",
            most.span,
            "watch the study, and stop it with `ofc stop`",
        )
    spec.finish()


def _objective(
    spec: ForeignBlock, naming: Naming, findings: Findings
) -> tuple[tuple[Wish, ...], tuple[tuple[str, str], ...]]:
    block = spec.block("objective")
    metric = block.text("objectiveMetricName") if block else None
    kind = block.text("type") if block else None
    if block is None or metric is None or kind not in ("maximize", "minimize"):
        span = block.span if block else spec.span
        findings.wrong(
            "`spec.objective` does not say what is to be made best",
            span,
            "expected `type` and `objectiveMetricName`",
            "write `type: maximize` or `minimize`, and the metric's name",
        )
        return (), ()
    wish = Wish(
        "maximize" if kind == "maximize" else "minimize",
        naming.metric(metric, block.place("objectiveMetricName")),
        metric,
    )
    if block.number("goal") is not None:
        findings.unsaid(
            "`spec.objective.goal` has no counterpart: a search ends with its budget",
            block.place("goal"),
            "stop the study by hand with `ofc stop` once it is good enough",
        )
    for strategy in block.blocks("metricStrategies"):
        name, value = strategy.text("name"), strategy.text("value")
        if name == metric and value in ("min", "max"):
            findings.otherwise(
                f"Katib takes the {value} that a trial ever printed; here the last value counts",
                strategy.place("value"),
                "the last one counts",
                "let the estimator's `metrics()` give the best one",
            )
        strategy.finish()
    others = [
        (naming.metric(node.text, node.span), node.text)
        for node in block.items("additionalMetricNames")
        if isinstance(node, Scalar) and node.text != metric
    ]
    block.finish()
    return (wish,), tuple(others)


@dataclass(frozen=True, slots=True)
class _Algorithm:
    strategy: Strategy = "auto"
    options: tuple[tuple[str, str | int], ...] = ()
    seed: int | None = None


def _algorithm(
    spec: ForeignBlock, parameters: tuple[Searched, ...], findings: Findings
) -> _Algorithm:
    block = spec.block("algorithm")
    name = block.text("algorithmName") if block else None
    if block is None or name is None:
        return _Algorithm()
    place = block.place("algorithmName")
    settings: dict[str, tuple[Node | None, Span]] = {}
    for setting in block.blocks("algorithmSettings"):
        key, value = setting.text("name"), setting.node_of("value")
        if key is not None:
            settings[key] = (value, setting.span)
        setting.finish()
    block.finish()
    seed = None
    if "random_state" in settings and (node := settings.pop("random_state")[0]) is not None:
        found = number_of(node)
        seed = int(found) % 2**32 if found is not None else None
    strategy = _SAME.get(name) or _LIKE.get(name, "auto")
    options: list[tuple[str, str | int]] = []
    if strategy == "hyperband":
        fidelity = _setting(settings, "resource_name")
        known = {each.origin: each.name for each in parameters}
        if fidelity in known:
            options.append(("fidelity", known[fidelity]))
        eta = _setting(settings, "eta")
        if eta is not None and eta.isdigit() and int(eta) >= 2:
            options.append(("eta", int(eta)))
        if not options or options[0][0] != "fidelity":
            strategy, options = "auto", []
    if name not in _SAME:
        findings.otherwise(
            f"Katib's `{name}` is not ours: the spec says `{strategy}`",
            place,
            f"`{strategy}` in the spec",
            "`ofc targets explain` and docs/strategies.md say what there is",
        )
    for key, (_, span) in settings.items():
        findings.unsaid(f"the setting `{key}` of `{name}` is not taken over", span)
    return _Algorithm(strategy, tuple(options), seed)


def _setting(settings: dict[str, tuple[Node | None, Span]], key: str) -> str | None:
    node, _ = settings.pop(key, (None, None))
    return node.text if isinstance(node, Scalar) else None
