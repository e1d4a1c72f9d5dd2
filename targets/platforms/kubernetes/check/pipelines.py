"""PipelineVersions: what KFP's webhook and driver would refuse, since their CRD refuses nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .fault import Fault, fault
from .look import Document, is_a, look, name_of, namespace_of, of, text, tree

GROUP = "pipelines.kubeflow.org"


def check_pipeline_version(document: Document, documents: Sequence[Document]) -> Iterator[Fault]:
    """The IR inside, the pipeline it belongs to, and the pods it makes."""
    if not is_a(document, GROUP, "PipelineVersion"):
        return
    pipelines = {
        name_of(p)
        for p in of(documents, GROUP, "Pipeline")
        if namespace_of(p) == namespace_of(document)
    }
    if text(document, "spec", "pipelineName") not in pipelines:
        yield fault(
            document,
            "spec.pipelineName",
            f"there is no Pipeline `{text(document, 'spec', 'pipelineName')}` here",
            "add it, or name one of them",
        )
    spec = look(document, "spec", "pipelineSpec")
    if not isinstance(spec, dict):
        yield fault(document, "spec.pipelineSpec", "the IR is no mapping", "write it as a mapping")
        return
    yield from _ir(document, spec)
    yield from _security(document, spec)


def _ir(document: Document, spec: Document) -> Iterator[Fault]:
    from google.protobuf import json_format

    from ..pipelines.ir import SCHEMA_VERSION, read_spec

    if text(spec, "schemaVersion") != SCHEMA_VERSION:
        yield fault(
            document,
            "spec.pipelineSpec.schemaVersion",
            f"`{text(spec, 'schemaVersion')}` is no schema that KFP reads",
            f"write {SCHEMA_VERSION}",
        )
    try:
        read_spec(spec)
    except json_format.ParseError as error:
        yield fault(document, "spec.pipelineSpec", f"KFP cannot read the IR: {error}", "correct it")
    components = tree(spec, "components")
    for name, task in tree(spec, "root", "dag", "tasks").items():
        component = text(task, "componentRef", "name")
        if component not in components:
            yield fault(
                document,
                f"spec.pipelineSpec.root.dag.tasks.{name}.componentRef",
                f"there is no component `{component}`",
                f"write one of {', '.join(sorted(components))}",
            )


def _security(document: Document, spec: Document) -> Iterator[Fault]:
    path = ("spec", "platformSpec", "platforms", "kubernetes", "deploymentSpec", "executors")
    platform = tree(document, *path)
    for name in tree(spec, "deploymentSpec", "executors"):
        if look(platform, name, "securityContext", "runAsNonRoot") is not True:
            yield fault(
                document,
                f"{'.'.join(path)}.{name}.securityContext",
                "without `runAsNonRoot` Pod Security `restricted` refuses the pod",
                "add `securityContext: {runAsNonRoot: true, runAsUser: 65532}`",
            )
