"""What a PipelineVersion is called: by all that is in it, since none may ever change."""

from __future__ import annotations

import hashlib
from functools import lru_cache

from omniforce.compiler.canonical import canonical
from omniforce.compiler.ir.program import Program

from ..names import account_name, named, namespace_of
from ..objects import Tree
from ..study_files import study_files
from .ir import ir, platform_spec
from .surroundings import both, surroundings
from .task import Pipeline


def release(program: Program) -> Tree:
    """What dispatch starts when the study is over, and where: `release.json`."""
    _, pipeline = both(program)
    return _place(program) | {
        "pipeline": pipeline.name,
        "version": version_name(program, pipeline),
    }


@lru_cache(maxsize=4)  # asked for by every object that names the ConfigMap
def version_name(program: Program, pipeline: Pipeline) -> str:
    """The pipeline's name with a hash.

    Hashed are the IR and all that its steps read. The ConfigMap's own name is left out, for it
    hangs on this one through `release.json`; it changes exactly when something hashed does.
    """
    around = surroundings(program, study="")
    content = (
        ir(pipeline, around),
        platform_spec(pipeline, around),
        study_files(program),
        _place(program),
    )
    mark = hashlib.sha256(canonical(content).encode()).hexdigest()[:12]
    return named(pipeline.name, mark)


def _place(program: Program) -> Tree:
    pipelines = program.platform.kubernetes.network.pipelines
    return {
        "api": f"http://ml-pipeline.{pipelines}.svc.cluster.local:8888",
        "namespace": namespace_of(program),
        "account": account_name(program, "pipeline"),
    }
