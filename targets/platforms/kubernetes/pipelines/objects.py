"""Both pipelines as objects of the API server: a `Pipeline` each, and an immutable version."""

from __future__ import annotations

from omniforce.compiler.ir.program import Program

from ..objects import Tree, make
from ..study import study_map_name
from .ir import pipeline_spec, platform_spec
from .surroundings import Surroundings, both, surroundings
from .task import Pipeline
from .version import version_name

API_VERSION = "pipelines.kubeflow.org/v2beta1"


def pipelines(program: Program) -> tuple[Tree, ...]:
    """The objects of the `search` and the `release` pipeline."""
    around = surroundings(program, study_map_name(program))
    return tuple(each for p in both(program) for each in _objects(program, p, around))


def _objects(program: Program, pipeline: Pipeline, around: Surroundings) -> tuple[Tree, Tree]:
    tags: Tree = {"study": program.name}
    name = version_name(program, pipeline)
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
        name,
        "worker",
        spec={
            "pipelineName": pipeline.name,
            "displayName": name,
            "tags": dict(tags),
            "pipelineSpec": pipeline_spec(pipeline, around),
            "platformSpec": platform_spec(pipeline, around),
        },
    )
    return parent, version
