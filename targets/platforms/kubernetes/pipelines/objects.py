"""Both pipelines as objects of the API server: a `Pipeline` each, and an immutable version."""

from __future__ import annotations

from omniforce.compiler.ir.program import Prepare, Program

from ..names import claim_name, named
from ..objects import Tree, make, version_of
from ..pods import broker_url, trial_image
from ..steps import find, search_of
from ..study import study_map_name
from .ir import Surroundings, pipeline_spec, platform_spec
from .release import release_pipeline
from .search import search_pipeline
from .task import Pipeline

API_VERSION = "pipelines.kubeflow.org/v2beta1"


def pipelines(program: Program) -> tuple[Tree, ...]:
    """The objects of the `search` and the `release` pipeline."""
    (prepare,), search = find(program, Prepare), search_of(program)
    around = surroundings(program)
    both = (
        search_pipeline(prepare, search, program.name),
        release_pipeline(program, prepare, search),
    )
    return tuple(each for pipeline in both for each in _objects(program, pipeline, around))


def surroundings(program: Program) -> Surroundings:
    """What the tasks of a program's pipelines have in common."""
    kubernetes = program.platform.kubernetes
    return Surroundings(
        image=trial_image(program),
        study=study_map_name(program),
        claim=claim_name(program),
        secret=(kubernetes.store.name, kubernetes.store.key),
        environment=(
            ("HOME", "/tmp"),  # noqa: S108 - the pod's own
            ("OFC_BROKER", broker_url(program)),
            ("OFC_STUDY", program.name),
        ),
    )


def _objects(program: Program, pipeline: Pipeline, around: Surroundings) -> tuple[Tree, Tree]:
    tags: Tree = {"study": program.name}
    parent = make(
        program,
        API_VERSION,
        "Pipeline",
        pipeline.name,
        "worker",
        spec={"displayName": pipeline.name, "description": pipeline.doc, "tags": tags},
    )
    version = make(
        program,
        API_VERSION,
        "PipelineVersion",
        named(pipeline.name, version_of(program)),
        "worker",
        spec={
            "pipelineName": pipeline.name,
            "displayName": version_of(program),
            "tags": dict(tags),
            "pipelineSpec": pipeline_spec(pipeline, around),
            "platformSpec": platform_spec(pipeline, around),
        },
    )
    return parent, version
