"""The compiled study as a ConfigMap that every function and trial reads."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from omniforce.compiler.canonical import canonical
from omniforce.compiler.ir.program import Program
from omniforce.spec.plain import to_plain

from .names import account_name, content_name, named, namespace_of, release_name
from .objects import Tree, make, version_of
from .tick import tick

LARGEST: Final = 2**20
"""Bytes of a ConfigMap that the API server takes."""


def study_config(program: Program) -> Tree:
    """The ConfigMap: new content is a new name, so a running revision keeps its own file."""
    name = study_map_name(program)
    return make(program, "v1", "ConfigMap", name, "search", immutable=True, data=_data(program))


def study_map_name(program: Program) -> str:
    """The ConfigMap's name, with a hash of what is in it."""
    return content_name(program, "study", "\0".join(_data(program).values()))


def study_size(program: Program) -> int:
    """Bytes of the ConfigMap's data."""
    return sum(len(key) + len(value.encode()) for key, value in _data(program).items())


def _data(program: Program) -> dict[str, str]:
    return {
        "study.json": study_json(program),
        "tick.json": canonical(tick(program)),
        "release.json": canonical(release(program)),
    }


def release(program: Program) -> Tree:
    """What dispatch starts when the study is over, and where."""
    pipeline = release_name(program)
    pipelines = program.platform.kubernetes.network.pipelines
    return {
        "api": f"http://ml-pipeline.{pipelines}.svc.cluster.local:8888",
        "namespace": namespace_of(program),
        "pipeline": pipeline,
        "version": named(pipeline, version_of(program)),
        "account": account_name(program, "pipeline"),
    }


def study_json(program: Program) -> str:
    """The program as canonical JSON, without the places in the file that it came from.

    A comment more in the spec, or another directory, must not make a new revision.
    """
    steps = tuple(replace(step, span=None) for step in program.steps)
    return canonical(to_plain(replace(program, steps=steps, places=())))
