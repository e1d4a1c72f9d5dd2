"""The target as a whole: what it refuses, what it says, and that a cluster takes what it emits."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from omniforce.compiler.ir.program import Explain, Program, Watch
from omniforce.spec.blocks.data import Privacy
from omniforce.spec.blocks.deployment import Monitor, Rollout, ScaleTo
from omniforce.spec.blocks.devices import Device, MeasureOptions
from omniforce.spec.blocks.platform import BrokerOptions, Kubernetes, Models
from omniforce.spec.blocks.search import Resources
from omniforce.spec.expression.tree import Literal_, Metric, Promotion, Requirement
from omniforce.spec.source import Span
from omniforce.spec.space import Choice, Coordinate, Space
from omniforce.targets.platforms.kubernetes.objects import identity
from omniforce.targets.platforms.kubernetes.target import KubernetesTarget, notes, objects
from omniforce.targets.platforms.kubernetes.tick import tick
from tests.support import programs
from tests.support.crd import faults, needs_shared

TARGET = KubernetesTarget()
DRIFT = Requirement(Metric("psi"), ">", Literal_(0.2))


def _parsed(program: Program) -> dict[str, Any]:
    files = TARGET.emit(program)
    return {f.path: yaml.safe_load(f.text) for f in files if f.path != "kustomization.yaml"}


def _faults(program: Program) -> list[str]:
    made: list[Any] = [*objects(program), tick(program)]
    return [f"{identity(each)}{fault}" for each in made for fault in faults(each)]


VARIANTS = {
    "the example": programs.program(),
    "nothing served": programs.program(serve=None),
    "standard mode": programs.program(
        serve=programs.serve(mode="Standard", scale=ScaleTo(min=1, max=2), rollout=None)
    ),
    "kafka": programs.program(
        kubernetes=Kubernetes(broker=BrokerOptions("Kafka", "kafka-config", "http://kafka/a/b"))
    ),
    "a claim of the writer's": programs.program(
        kubernetes=Kubernetes(models=Models(claim_name="m"))
    ),
    "labels": programs.program(labels=(("team", "on"), ("example.com/cost", ""))),
    "the longest name": programs.program(name="a" * 40),
}


@needs_shared
@pytest.mark.parametrize("program", VARIANTS.values(), ids=list(VARIANTS))
def test_every_object_is_what_an_api_server_takes(program: Program) -> None:
    assert TARGET.refuse(program) == ()
    assert _faults(program) == []


def test_the_same_program_gives_the_same_bytes() -> None:
    assert TARGET.emit(programs.program()) == TARGET.emit(programs.program())
    paths = [f.path for f in TARGET.emit(programs.program())]
    assert paths == sorted(paths)


def test_another_process_with_other_hashes_gives_the_same_bytes() -> None:
    script = (
        "import hashlib\n"
        "from tests.support.programs import program\n"
        "from omniforce.targets.platforms.kubernetes.target import KubernetesTarget\n"
        "made = KubernetesTarget().emit(program())\n"
        "print(hashlib.sha256(repr(made).encode()).hexdigest())\n"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", script],
            cwd=Path(__file__).parents[3],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(digests) == 1


def test_a_comment_more_in_the_spec_changes_nothing() -> None:
    program = programs.program()
    moved = Span("/elsewhere/spec.yaml", 9, 1, 9, 5)
    steps = tuple(replace(step, span=moved) for step in program.steps)
    again = replace(program, steps=steps, places=(("metadata.name", moved),))
    assert TARGET.emit(again) == TARGET.emit(program)


def test_another_seed_is_another_study_map_and_every_reader_follows() -> None:
    one = _parsed(programs.program())
    other = _parsed(programs.program(search=programs.search(seed=8)))
    assert one.keys() != other.keys()
    for made in (one, other):
        (name,) = [n for n in made if n.startswith("10-configmap-digits-edge-study-")]
        config = made[name]["metadata"]["name"]
        assert made[name]["immutable"] is True
        readers = [p for p in made if p[:2] in {"30", "31", "43"}]
        assert [p for p in readers if config not in json.dumps(made[p])] == []


def test_a_secret_is_named_and_never_there() -> None:
    for each in _parsed(programs.program()).values():
        assert each["kind"] != "Secret"
        for variable in _environment(each):
            if variable["name"] == "OFC_STORE_URL":
                assert variable["valueFrom"] == {
                    "secretKeyRef": {"name": "ofc-store", "key": "url"}
                }
                assert "value" not in variable


def _environment(node: Any) -> list[dict[str, Any]]:
    if isinstance(node, dict):
        own = node.get("env", [])
        return [*own, *(v for child in node.values() for v in _environment(child))]
    if isinstance(node, list):
        return [v for child in node for v in _environment(child)]
    return []


def test_what_a_cluster_must_have_beside_the_manifests() -> None:
    assert notes(programs.program()) == (
        (
            "the cluster must have the Secret `ofc-store` in `ofc-digits-edge`, with the store's "
            "URL under `url`"
        ),
        (
            "the claim `digits-edge-data` is ReadWriteOnce, so that all trials run on one node; "
            "`accessMode: ReadWriteMany` under `platform.kubernetes.models` lets them spread"
        ),
        "KServe must have the runtime `kserve-tritonserver`",
        (
            "Knative's ConfigMap `config-features` must have "
            "`kubernetes.podspec-persistent-volume-claim: enabled`, since the model server mounts "
            "the claim"
        ),
    )
    kubernetes = Kubernetes(namespace="team", models=Models(claim_name="mine"))
    assert notes(programs.program(kubernetes=kubernetes, serve=None)) == (
        "the cluster must have the Secret `ofc-store` in `team`, with the store's URL under `url`",
        "the cluster must have the claim `mine` in `team`",
        (
            "nothing else must run in `team`: it gets Pod Security `restricted`, and its network "
            "is closed"
        ),
    )


def _messages(program: Program) -> list[str]:
    found = TARGET.refuse(program)
    assert {d.code for d in found} <= {"OFC401"}
    assert [d.message for d in found if not d.help] == []
    return [d.message for d in found]


def _with(program: Program, *steps: Any) -> Program:
    return replace(program, steps=(*program.steps, *steps))


TENSORRT = Device(runtime="tensorrt", precision="fp16", agent="lab", name="jetson")

ELSEWHERE = Device(
    runtime="onnx",
    measure=MeasureOptions(where="function"),
    node_selector=(("kind", "edge"),),
    name="edge",
)

REFUSED: dict[str, tuple[Program, list[str]]] = {
    "another runtime and an agent": (
        programs.program(search=programs.search(devices=(TENSORRT,))),
        [
            "the runtime `tensorrt` is not on the target `kubernetes`",
            "measuring by an edge agent is not on the target `kubernetes`",
        ],
    ),
    "a function on certain nodes": (
        programs.program(search=programs.search(devices=(ELSEWHERE,))),
        [
            (
                "the `nodeSelector` of `edge`, which a function measures, is not on the target "
                "`kubernetes`"
            )
        ],
    ),
    "privacy": (
        programs.program(search=programs.search(privacy=Privacy(8.0, 1e-5))),
        ["differential privacy is not on the target `kubernetes`"],
    ),
    "an explainer": (
        _with(programs.program(), Explain(name="explain", method="anchors")),
        ["the explainer `anchors` is not on the target `kubernetes`"],
    ),
    "drift": (
        _with(programs.program(), Watch(name="watch", monitor=Monitor(DRIFT, "research"))),
        ["looking for drift is not on the target `kubernetes`"],
    ),
    "a rule of promotion": (
        programs.program(serve=programs.serve(rollout=Rollout(0.1, Promotion(DRIFT, 600.0)))),
        ["promoting a canary by a rule is not on the target `kubernetes`"],
    ),
    "half a per cent": (
        programs.program(serve=programs.serve(rollout=Rollout(0.105))),
        ["a canary of 10.5% is not on the target `kubernetes`"],
    ),
    "a canary in standard mode": (
        programs.program(serve=programs.serve(mode="Standard")),
        [
            (
                "a canary in mode `Standard`, where it needs the address of the model before "
                "it, is not on the target `kubernetes`"
            )
        ],
    ),
    "a broker without an address": (
        programs.program(kubernetes=Kubernetes(broker=BrokerOptions("Kafka"))),
        ["a broker of class `Kafka` without its address is not on the target `kubernetes`"],
    ),
    "data that nothing there reads": (
        programs.program(source="s3://bucket/digits.csv"),
        ["data from `s3://` is not on the target `kubernetes`"],
    ),
    "a file of this machine": (
        programs.program(source="file://data.csv"),
        ["the file `data.csv` of this machine is not on the target `kubernetes`"],
    ),
}


@pytest.mark.parametrize(("program", "expected"), REFUSED.values(), ids=list(REFUSED))
def test_what_is_not_on_this_target_is_refused_with_a_way_out(
    program: Program, expected: list[str]
) -> None:
    assert _messages(program) == expected


def test_a_setting_that_a_cluster_takes_and_never_runs_is_refused() -> None:
    kubernetes = Kubernetes(serving_runtime="kserve-trtionserver")
    (found,) = TARGET.refuse(programs.program(kubernetes=kubernetes))
    assert found.code == "OFC402"
    assert found.message == (
        "`InferenceService/digits-edge` would be accepted and never work: "
        "KServe ships no runtime `kserve-trtionserver`"
    )
    assert TARGET.refuse(programs.program(kubernetes=Kubernetes(serving_runtime="our-own"))) == ()


def test_a_study_that_no_config_map_holds_is_refused() -> None:
    wide = Space((Coordinate("word", (), Choice(tuple("w" * 60 + str(i) for i in range(20_000)))),))
    (message,) = _messages(programs.program(search=programs.search(space=wide)))
    assert message.startswith("a study of 1")
    assert message.endswith(
        "bytes, of which a ConfigMap holds 1048576, is not on the target `kubernetes`"
    )


def test_a_file_on_the_studys_own_volume_is_fine() -> None:
    assert TARGET.refuse(programs.program(source="file:///var/lib/ofc/data.csv")) == ()


@needs_shared
@settings(max_examples=20, deadline=None)
@given(
    name=st.from_regex(r"[a-z]([-a-z0-9]{0,38}[a-z0-9])?", fullmatch=True),
    timeout=st.floats(1, 1e6),
    retries=st.integers(0, 10),
    cpu=st.floats(0.001, 512),
    memory=st.integers(1, 2**45),
    scale=st.tuples(st.integers(0, 9), st.integers(10, 1000), st.integers(1, 1000)),
    canary=st.integers(0, 100),
)
def test_whatever_passes_the_refusals_is_what_an_api_server_takes(
    name: str,
    timeout: float,
    retries: int,
    cpu: float,
    memory: int,
    scale: tuple[int, int, int],
    canary: int,
) -> None:
    program = programs.program(
        name=name,
        search=programs.search(
            timeout=timeout, retries=retries, resources=Resources(cpu=cpu, memory=memory)
        ),
        serve=programs.serve(scale=ScaleTo(*scale), rollout=Rollout(canary / 100)),
    )
    assert TARGET.refuse(program) == ()
    assert _faults(program) == []
