"""`ofc compile` of several specs, for other layouts and other targets."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from omniforce.compiler.cli import exits
from omniforce.compiler.cli.main import run

SPEC = """\
apiVersion: omniforce.dev/v1alpha2
kind: OmniForce
metadata: {name: NAME}
spec:
  data: {source: "sklearn://digits", target: label}
  algorithm: {use: vision/classifier@1}
  searchSpace:
    learning_rate: 1e-4...1e-1 log
  objectives: [maximize accuracy]
  search: {strategy: random, budget: {trials: 8}}
"""

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Call:
    monkeypatch.chdir(tmp_path)
    for name in ("a", "b"):
        (tmp_path / f"{name}.yaml").write_text(SPEC.replace("NAME", f"study-{name}"))

    def called(*arguments: str) -> tuple[int, str, str]:
        code = run(arguments)
        out, err = capsys.readouterr()
        return code, out, err

    return called


def test_each_of_several_specs_gets_a_folder_of_its_own(call: Call, tmp_path: Path) -> None:
    code, out, err = call("compile", "a.yaml", "b.yaml", "--target", "katib", "-o", "dist")
    assert (code, out) == (0, "")
    assert [line for line in err.splitlines() if not line.startswith("note")] == [
        "7 files in dist/study-a: 7 changed",
        "7 files in dist/study-b: 7 changed",
    ]
    alone = call("compile", "b.yaml", "--target", "katib", "-o", "alone")
    assert alone[0] == 0
    for path in (tmp_path / "alone").iterdir():
        assert path.read_bytes() == (tmp_path / "dist" / "study-b" / path.name).read_bytes()


def test_a_spec_with_errors_stops_no_other_and_is_the_exit_code(call: Call, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(SPEC.replace("NAME", "study-a").replace("random", "rndom"))
    code, out, _ = call("compile", "a.yaml", "b.yaml", "-o", "dist", "--format", "json")
    assert code == exits.INVALID
    first, second = json.loads(out)["studies"]
    assert (first["study"], first["files"]) == (None, [])
    assert [d["code"] for d in first["diagnostics"]] == ["OFC330"]
    assert (second["study"], second["output"]) == ("study-b", "dist/study-b")
    assert sorted(p.name for p in (tmp_path / "dist").iterdir()) == ["study-b"]


def test_many_specs_in_several_processes_give_the_same_bytes(call: Call, tmp_path: Path) -> None:
    names = [f"s{number:02d}.yaml" for number in range(12)]
    for number, name in enumerate(names):
        (tmp_path / name).write_text(SPEC.replace("NAME", f"study-{number}"))
    for folder, jobs in (("one", "1"), ("two", "2")):
        assert call("compile", *names, "--target", "katib", "-o", folder, "--jobs", jobs)[0] == 0
    found = [
        {p.relative_to(tmp_path / d): p.read_bytes() for p in (tmp_path / d).rglob("*.*")}
        for d in ("one", "two")
    ]
    assert len(found[0]) == 12 * 7
    assert found[0] == found[1]


def test_several_specs_make_one_report(call: Call, tmp_path: Path) -> None:
    for name in ("a", "b"):
        text = SPEC.replace("NAME", f"study-{name}").replace("random", "rndom")
        (tmp_path / f"{name}.yaml").write_text(text)
    code, out, _ = call("compile", "a.yaml", "b.yaml", "-o", "dist", "--format", "sarif")
    assert code == exits.INVALID
    (made,) = json.loads(out)["runs"]
    places = [r["locations"][0]["physicalLocation"]["artifactLocation"] for r in made["results"]]
    assert [place["uri"] for place in places] == ["a.yaml", "b.yaml"]


def test_several_specs_make_one_stream(call: Call) -> None:
    code, out, _ = call("compile", "a.yaml", "b.yaml", "--target", "katib", "-o", "-")
    assert code == 0
    kinds = [d["kind"] for d in yaml.safe_load_all(out)]
    assert kinds.count("Experiment") == 2


def test_two_specs_of_one_name_are_not_written_over_each_other(call: Call, tmp_path: Path) -> None:
    (tmp_path / "b.yaml").write_text(SPEC.replace("NAME", "study-a"))
    code, _, err = call("compile", "a.yaml", "b.yaml", "-o", "dist")
    assert code == 1
    assert "OFC604" in err
    assert "`a.yaml` and `b.yaml` are both called `study-a`" in err


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (("--layout", "helm"), "'helm' is not one of"),
        (("--layout", "plain", "-o", "-"), "name one with `-o DIR`"),
        (("--provenance", "-o", "-"), "name one with `-o DIR`"),
        (("--layout", "plain", "--target", "local"), "no manifests to lay out"),
        (("--env", "prod"), "`--env` is for `--layout kustomize`"),
        (("--layout", "kustomize", "--env", "../x"), "no folder's name"),
        (("--repo", "https://x.y/z.git"), "are for `--layout argocd`"),
        (("--layout", "argocd", "--repo", "https://u:p@x.y/z.git"), "holds a password"),
        (("--layout", "argocd", "--repo", "u", "-o", "/abs"), "write `--repo-path deploy`"),
        (("--target", "cdk8s"), "import Study"),
    ],
)
def test_what_does_not_go_together_is_64_and_says_how(
    arguments: tuple[str, ...], hint: str, call: Call
) -> None:
    code, out, err = call("compile", "a.yaml", *arguments)
    assert (code, out) == (exits.USAGE, "")
    assert hint in " ".join(err.split())


def test_another_layout_replaces_the_one_before(call: Call, tmp_path: Path) -> None:
    assert call("compile", "a.yaml", "-o", "dist")[0] == 0
    assert call("compile", "a.yaml", "-o", "dist", "--layout", "argocd")[0] == 0
    assert sorted(p.name for p in (tmp_path / "dist").iterdir()) == [
        "argocd",
        "manifests",
        "ofc.lock",
    ]
    assert json.loads((tmp_path / "dist" / "ofc.lock").read_text())["layout"] == "argocd"
    code, _, err = call("compile", "a.yaml", "-o", "dist", "--locked")
    assert code == 1
    assert "layout: argocd became" in err


def test_a_template_and_an_overlay_are_each_a_dependency_once(call: Call, tmp_path: Path) -> None:
    (tmp_path / "t").mkdir()
    (tmp_path / "t" / "template.yaml").write_text(
        "apiVersion: omniforce.dev/v1alpha2\nkind: Template\nmetadata: {name: t, version: 1.0.0}\n"
        "spec: {body: {search: {strategy: random}}}\n"
    )
    text = SPEC.replace("NAME", "study-a").replace("strategy: random, ", "")
    text = text.replace("spec:\n", "spec:\n  use:\n    - template: ./t\n")
    (tmp_path / "a.yaml").write_text(text)
    (tmp_path / "prod.yaml").write_text("spec: {search: {parallelism: 2}}\n")
    code, _, err = call("compile", "-f", "a.yaml", "-f", "prod.yaml", "--provenance", "-o", "dist")
    assert code == 0, err
    path = tmp_path / "dist" / "attestations" / "provenance.intoto.jsonl"
    definition = json.loads(path.read_text())["predicate"]["buildDefinition"]
    found = [(d["name"], d["uri"]) for d in definition["resolvedDependencies"]]
    assert found[:3] == [
        ("spec", "a.yaml"),
        ("spec", "prod.yaml"),
        ("template", "t/template.yaml"),
    ]


@pytest.mark.parametrize("epoch", ["yesterday", "-1", "9" * 20, "1.5", "²"])
def test_a_time_that_is_none_is_a_problem(
    epoch: str, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", epoch)
    assert call("compile", "a.yaml", "-o", "dist")[0] == 0
    code, _, err = call("compile", "a.yaml", "-o", "dist", "--provenance")
    assert code == 1
    assert "OFC607" in err


def test_attestations_are_part_of_what_is_locked(call: Call, tmp_path: Path) -> None:
    arguments = ("compile", "a.yaml", "-o", "dist", "--provenance", "--sbom", "spdx")
    assert call(*arguments)[0] == 0
    assert call(*arguments, "--locked")[0] == 0
    names = sorted(p.name for p in (tmp_path / "dist" / "attestations").iterdir())
    assert names == ["provenance.intoto.jsonl", "sbom.spdx.json"]
    assert call("verify", "dist")[0] == 0
    statement = json.loads((tmp_path / "dist" / "attestations" / names[0]).read_text())
    subjects = {s["name"] for s in statement["subject"]}
    files = {p.relative_to(tmp_path / "dist").as_posix() for p in (tmp_path / "dist").rglob("*.*")}
    assert subjects == files - {"ofc.lock", "attestations/provenance.intoto.jsonl"}
    # without them they go again, as anything that is not needed any more
    assert call("compile", "a.yaml", "-o", "dist")[0] == 0
    assert not (tmp_path / "dist" / "attestations").exists()
