"""The compiled pipelines' steps, run for real one after another, as their IR says."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml

from omniforce.compiler.cli.composition import catalogue
from omniforce.compiler.ir.program import Program
from omniforce.compiler.pipeline import compile_study
from omniforce.runtime.choice import choose
from omniforce.runtime.rewards import search_of
from omniforce.runtime.store.store import Store
from omniforce.runtime.trial.contract import TrialReport
from omniforce.spec.load import load
from omniforce.spec.source import Source
from omniforce.targets.platforms.kubernetes.target import objects

EXAMPLE = Path(__file__).parents[2] / "examples" / "digits-edge" / "omniforce.yaml"
PLACEHOLDER = re.compile(
    r"\{\{\$\.(inputs|outputs)\.(artifacts|parameters)\['([^']+)'\](?:\.(\w+))?\}\}"
)

pytestmark = [
    pytest.mark.xdist_group("training"),
    *(
        pytest.mark.skipif(importlib.util.find_spec(name) is None, reason=f"needs {name}")
        for name in ("torch", "sklearn", "onnxruntime", "duckdb", "sqlalchemy")
    ),
]


def _load(name: str) -> Any:
    """A module beside this one; the suite's folders are no packages."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).parent / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


fake_cluster = _load("fake_cluster")


@pytest.fixture(scope="module")
def compiled() -> tuple[Program, dict[str, dict[str, Any]]]:
    """The example with a short training, and its objects by name."""
    text = EXAMPLE.read_text().replace("epochs: 20", "epochs: 3")
    done = compile_study(load(Source("omniforce.yaml", text)), catalogue())
    assert done.program is not None, done.diagnostics
    made = {o["metadata"]["name"]: dict(o) for o in objects(done.program)}
    return done.program, made


def _run_pipeline(version: Mapping[str, Any], folder: Path, environment: Mapping[str, str]) -> None:
    """What KFP's driver does: each task once its inputs are there, placeholders filled in."""
    spec = version["spec"]["pipelineSpec"]
    tasks, done = dict(spec["root"]["dag"]["tasks"]), set[str]()
    while tasks:
        name = next(n for n, t in tasks.items() if set(t.get("dependentTasks", ())) <= done)
        task = tasks.pop(name)
        container = spec["deploymentSpec"]["executors"][f"exec-{name}"]["container"]
        words = [*container["command"], *container.get("args", ())]
        fill = partial(_filled, name=name, task=task, folder=folder)
        command = [PLACEHOLDER.sub(fill, word) for word in words]
        own = {e["name"]: e["value"] for e in container["env"] if e["name"] not in environment}
        finished = subprocess.run(
            [sys.executable, *command[1:]],
            env={**os.environ, **own, **environment},
            capture_output=True,
            text=True,
            check=False,
        )
        assert finished.returncode == 0, f"{name}: {finished.stderr}"
        done.add(name)


def _filled(found: re.Match[str], name: str, task: Mapping[str, Any], folder: Path) -> str:
    direction, kind, port, _ = found.groups()
    if direction == "outputs":
        return str(folder / name / port)
    source = task["inputs"][kind][port]
    if kind == "artifacts":
        artifact = source["taskOutputArtifact"]
        return str(folder / artifact["producerTask"] / artifact["outputArtifactKey"])
    parameter = source["taskOutputParameter"]
    return (folder / parameter["producerTask"] / parameter["outputParameterKey"]).read_text()


def _search(program: Program, address: str) -> int:
    """Two finished trials in the store; gives the number of the chosen one."""
    search, store = search_of(program), Store.open(address)
    store.create_study(program.name, "{}", program.digest, 0.0)
    shared = {"learning_rate": 5e-3, "batch_size": 64, "weight_decay": 1e-5}
    points = [
        {"family": "mlp", "layers": 1, "width": 16, "dropout": 0.0} | shared,
        {"family": "cnn", "blocks": 1, "channels[0]": 8, "kernel": 3} | shared,
    ]
    with store.lock(program.name) as session:
        session.propose(points, 0.0)
    for trial, accuracy in enumerate((0.9, 0.95)):
        assert store.lease(program.name, trial, 1, "w", 60.0, 1.0)
        metrics = {"accuracy": accuracy, "latency.p95@server": 1e-4, "size@server": 1e4}
        report = TrialReport(outcome="completed", metrics=metrics, seconds=1.0)
        assert store.finish(program.name, trial, 1, report, 2.0)
    chosen = choose(search.model, search.goals, store.trials(program.name))
    store.close()
    assert chosen is not None
    return chosen.number


def test_both_pipelines_run_from_the_raw_data_to_a_served_version(
    compiled: tuple[Program, dict[str, dict[str, Any]]], tmp_path: Path
) -> None:
    program, made = compiled
    (config,) = (o for o in made.values() if "study.json" in o.get("data", {}))
    for name, text in config["data"].items():
        (tmp_path / name).write_text(text)
    address = f"sqlite:///{tmp_path}/study.db"
    broker = fake_cluster.Broker()
    identity = tmp_path / "identity"
    identity.mkdir()
    with fake_cluster.api_server(identity) as (pod, _, served):
        environment = pod | {
            "OFC_CONFIG": str(tmp_path),
            "OFC_STORE_URL": address,
            "OFC_BROKER": broker.url,
            "OFC_VOLUME": str(tmp_path / "volume"),
            "HOME": str(tmp_path),
        }
        (search,) = (o for n, o in made.items() if re.match(r"digits-edge-search-[0-9a-f]{12}", n))
        _run_pipeline(search, tmp_path / "search", environment)
        assert [event.type for event in broker.events] == ["dev.omniforce.study.started.v1"]
        figures = json.loads((tmp_path / "search" / "default" / "metrics").read_text())
        assert {"accuracy", "latency.p95@server", "size@server"} <= set(figures)

        chosen = _search(program, address)
        (release,) = (
            o for n, o in made.items() if re.match(r"digits-edge-release-[0-9a-f]{12}", n)
        )
        _run_pipeline(release, tmp_path / "release", environment)
    broker.close()

    storage = made["digits-edge"]["spec"]["predictor"]["model"]["storageUri"]
    (repository,) = (tmp_path / "volume").glob("models/*")
    assert storage.endswith(f"/models/{repository.name}")
    assert sorted(str(p.relative_to(repository)) for p in repository.rglob("*.*")) == [
        "digits-edge/1/model.onnx",
        "digits-edge/model.json",
    ]
    card = json.loads((repository / "digits-edge" / "model.json").read_text())
    assert (card["study"], card["trial"]) == ("digits-edge", chosen)
    version = (tmp_path / "release" / "register" / "version").read_text()
    path = (
        "/apis/serving.kserve.io/v1beta1/namespaces/ofc-digits-edge/inferenceservices/digits-edge"
    )
    assert served[path]["spec"] == {"predictor": {"annotations": {"omniforce.dev/model": version}}}


def test_a_step_that_is_called_wrongly_says_how(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "omniforce.runtime.steps"]
    called = subprocess.run([*command, "fly"], capture_output=True, text=True, check=False)
    assert (called.returncode, "usage:" in called.stderr) == (64, True)
    lost = subprocess.run(
        [*command, "prepare", "--data", str(tmp_path / "data")],
        env=os.environ | {"OFC_CONFIG": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (lost.returncode, "error[OFC770]" in lost.stderr) == (1, True)


def test_the_ir_of_the_example_survives_yaml(
    compiled: tuple[Program, dict[str, dict[str, Any]]],
) -> None:
    _, made = compiled
    for name, version in made.items():
        if version["kind"] == "PipelineVersion":
            assert yaml.safe_load(yaml.safe_dump(version)) == version, name
