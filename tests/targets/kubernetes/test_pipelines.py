"""The KFP IR that we write, held against what kfp's own compiler makes of the same pipeline."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from omniforce.compiler.cli.composition import catalogue
from omniforce.compiler.pipeline import compile_study
from omniforce.spec.blocks.search import Resources
from omniforce.spec.load import load
from omniforce.spec.source import Source
from omniforce.targets.platforms.kubernetes.pipelines.ir import (
    command,
    pipeline_spec,
    platform_spec,
)
from omniforce.targets.platforms.kubernetes.pipelines.surroundings import (
    Surroundings,
    both,
    surroundings,
)
from omniforce.targets.platforms.kubernetes.pipelines.task import (
    ArtifactInput,
    ParameterInput,
    Pipeline,
    Task,
)

EXAMPLE = Path(__file__).parents[3] / "examples" / "digits-edge" / "omniforce.yaml"
AROUND = Surroundings(
    image=f"registry.example.com/full@sha256:{'ab' * 32}",
    study="digits-study-abababab",
    claim="digits-data",
    secret=("ofc-store", "url"),
    environment=(("OFC_STUDY", "digits"),),
)
SMALL = Resources(cpu=1.0, memory=2**31)
CPU, MEMORY = "1", "2Gi"  # of SMALL, and of every step of the example
DATA = ArtifactInput("data", "Dataset", "prepare", "data")
PIPELINE = Pipeline(
    "digits-release",
    "all that a task can say",
    (
        Task(
            "prepare",
            "",
            SMALL,
            3600,
            makes=(("data", "Dataset"),),
            cached=True,
            cache_key="abc",
            volume=True,
        ),
        Task("choose", "", SMALL, 300, tells=("parameters",), store=True, retries=0),
        Task(
            "train",
            "",
            SMALL,
            600,
            artifacts=(DATA,),
            parameters=(ParameterInput("parameters", "choose", "parameters"),),
            makes=(("model", "Model"), ("metrics", "Metrics")),
            cached=True,
        ),
        Task(
            "measure-server",
            "",
            SMALL,
            600,
            artifacts=(ArtifactInput("model", "Model", "train", "model"),),
            after=("prepare",),
            step="measure",
            device="server",
        ),
    ),
)


def _oracle(pipeline: Pipeline, around: Surroundings, path: Path) -> tuple[object, object]:
    """The same pipeline said in kfp's own words and compiled by kfp."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from kfp import compiler, components, dsl, kubernetes

        def build() -> None:
            made: dict[str, dsl.PipelineTask] = {}
            for task in pipeline.tasks:
                component = components.load_component_from_text(_component(task, around))
                inputs = {
                    i.name: made[i.task].outputs[i.output]
                    for i in (*task.artifacts, *task.parameters)
                }
                said = component(**inputs)
                said.set_cpu_request(CPU).set_cpu_limit(CPU)
                said.set_memory_request(MEMORY).set_memory_limit(MEMORY)
                if task.cached:
                    said.set_caching_options(True, cache_key=task.cache_key)
                else:
                    said.set_caching_options(False)
                if task.retries:
                    said.set_retry(task.retries, "10s", 2.0, "300s")
                for name, value in around.environment:
                    said.set_env_variable(name, value)
                for before in task.after:
                    said.after(made[before])
                kubernetes.use_config_map_as_volume(said, around.study, "/etc/ofc")
                kubernetes.set_security_context(
                    said, run_as_non_root=True, run_as_user=65532, run_as_group=65532
                )
                kubernetes.set_timeout(said, task.timeout)
                if task.volume:
                    kubernetes.mount_pvc(said, around.claim, "/var/lib/ofc")
                if task.store:
                    name, key = around.secret
                    kubernetes.use_secret_as_env(said, name, {key: "OFC_STORE_URL"})
                made[task.name] = said

        build.__annotations__ = {}  # kfp takes `-> None` for an output
        named = dsl.pipeline(name=pipeline.name, description=pipeline.doc)(build)
        compiler.Compiler().compile(named, str(path))
    spec, platform = yaml.safe_load_all(path.read_text())
    return spec, platform


def _component(task: Task, around: Surroundings) -> str:
    """A task in the component language that kfp reads."""
    placeholders = {
        **{
            f"{{{{$.inputs.artifacts['{i.name}'].path}}}}": {"inputPath": i.name}
            for i in task.artifacts
        },
        **{
            f"{{{{$.inputs.parameters['{i.name}']}}}}": {"inputValue": i.name}
            for i in task.parameters
        },
        **{f"{{{{$.outputs.artifacts['{n}'].path}}}}": {"outputPath": n} for n, _ in task.makes},
        **{
            f"{{{{$.outputs.parameters['{n}'].output_file}}}}": {"outputPath": n}
            for n in task.tells
        },
    }
    words: list[object] = [placeholders.get(word, word) for word in command(task)]
    return yaml.safe_dump(
        {
            "name": task.name,
            "inputs": [{"name": i.name, "type": i.type} for i in task.artifacts]
            + [{"name": i.name, "type": "String"} for i in task.parameters],
            "outputs": [{"name": n, "type": t} for n, t in task.makes]
            + [{"name": n, "type": "String"} for n in task.tells],
            "implementation": {
                "container": {"image": around.image, "command": words[:3], "args": words[3:]}
            },
        }
    )


def _without_numbers(spec: object) -> object:
    """Without the deprecated numeric resources, which kfp still writes beside the strings."""
    if isinstance(spec, Mapping):
        gone = ("cpuLimit", "cpuRequest", "memoryLimit", "memoryRequest")
        return {k: _without_numbers(v) for k, v in spec.items() if k not in gone}
    if isinstance(spec, list):
        return [_without_numbers(each) for each in spec]
    return spec


def test_the_ir_equals_what_kfps_own_compiler_makes(tmp_path: Path) -> None:
    pytest.importorskip("kfp")
    spec, platform = _oracle(PIPELINE, AROUND, tmp_path / "pipeline.yaml")
    assert pipeline_spec(PIPELINE, AROUND) == _without_numbers(spec)
    assert platform_spec(PIPELINE, AROUND) == platform


@pytest.mark.parametrize("which", [0, 1], ids=["search", "release"])
def test_the_examples_own_pipelines_equal_kfps(which: int, tmp_path: Path) -> None:
    pytest.importorskip("kfp")
    text = EXAMPLE.read_text()
    done = compile_study(load(Source("omniforce.yaml", text)), catalogue())
    assert done.program is not None
    pipeline = both(done.program)[which]
    around = replace(surroundings(done.program, "digits-edge-study"), image=AROUND.image)
    spec, platform = _oracle(pipeline, around, tmp_path / "pipeline.yaml")
    assert pipeline_spec(pipeline, around) == _without_numbers(spec)
    assert platform_spec(pipeline, around) == platform


def test_a_step_gets_all_of_the_memory_that_a_trial_gets() -> None:
    task = Task("prepare", "", Resources(cpu=0.5, memory=2 * 10**9), 60)
    spec = pipeline_spec(Pipeline("p", "", (task,)), AROUND)
    container = spec["deploymentSpec"]["executors"]["exec-prepare"]["container"]  # type: ignore[index]
    assert container["resources"] == {
        "resourceCpuRequest": "500m",
        "resourceCpuLimit": "500m",
        "resourceMemoryRequest": "1953125Ki",
        "resourceMemoryLimit": "1953125Ki",
    }


def test_a_tag_that_may_move_turns_the_cache_off() -> None:
    moving = Surroundings(
        "registry.example.com/full:1", AROUND.study, AROUND.claim, AROUND.secret, ()
    )
    tasks = pipeline_spec(PIPELINE, moving)["root"]["dag"]["tasks"]  # type: ignore[index]
    assert {t["cachingOptions"].get("enableCache", False) for t in tasks.values()} == {False}


def test_the_schema_refuses_a_word_that_it_does_not_know() -> None:
    from google.protobuf.json_format import ParseError

    from omniforce.targets.platforms.kubernetes.pipelines.ir import parse_spec

    with pytest.raises(ParseError, match="componentz"):
        parse_spec({"componentz": {}})
