"""Which steps a study becomes, and who reads whose outputs."""

from dataclasses import replace

import pytest

from omniforce.compiler.ir.program import Program, Search, Serve
from omniforce.compiler.ir.text import to_text
from omniforce.compiler.ir.verify import verify
from omniforce.compiler.lower import lower
from omniforce.spec.blocks.study import Study
from omniforce.spec.load import Loaded, load
from omniforce.spec.source import Source

SPEC = """\
apiVersion: omniforce.dev/v1alpha2
kind: OmniForce
metadata: {name: digits, labels: {team: vision}}
spec:
  data: {source: "sklearn://digits", privacy: {epsilon: 8, delta: 1e-5}}
  algorithm: {use: vision/classifier@1}
  searchSpace: {width: 16...128}
  objectives: [maximize accuracy, minimize latency.p95 on jetson]
  search: {budget: {trials: 24, usd: 10}, trial: {timeout: 1m}}
  devices:
    jetson: {runtime: tensorrt, agent: lab}
    server: {runtime: onnx}
  deployment:
    to: server
    rollout: {canary: 10%, promoteWhen: error_rate < 1% for 10m}
    explain: shap
    monitor: {drift: psi > 0.2, then: research}
  platform: {rates: {cpuHour: 0.04}}
"""


def loaded(text: str = SPEC) -> Loaded:
    made = load(Source("spec.yaml", text))
    assert made.diagnostics == ()
    return made


def study(made: Loaded) -> Study:
    assert made.study is not None
    return made.study


def lowered(text: str = SPEC) -> Program:
    made = loaded(text)
    return lower(study(made), made.spans)


def flow(program: Program) -> list[str]:
    """The first line of each step in the IR's text."""
    return [line for line in to_text(program).splitlines() if " = " in line[:40]]


def test_a_study_becomes_steps_that_read_each_others_outputs() -> None:
    assert flow(lowered()) == [
        "prepare = Prepare()  # spec.yaml:5:9-5:73",
        "search = Search(data: prepare.data)  # spec.yaml:9:11-9:64",
        "train = Train(data: prepare.data, parameters: search.best)  # spec.yaml:6:14-6:40",
        "convert-jetson = Convert(model: train.model, data: prepare.data)  # spec.yaml:11:13-11:44",
        (
            "measure-jetson = Measure(artifact: convert-jetson.artifact, data: prepare.data)"
            "  # spec.yaml:11:13-11:44"
        ),
        "convert = Convert(model: train.model, data: prepare.data)  # spec.yaml:12:13-12:28",
        (
            "measure-server = Measure(artifact: convert.artifact, data: prepare.data)"
            "  # spec.yaml:12:13-12:28"
        ),
        (
            "register = Register(artifact: convert.artifact) after measure-server"
            "  # spec.yaml:14:5-17:48"
        ),
        "serve = Serve(artifact: register.artifact)  # spec.yaml:14:5-17:48",
        "explain = Explain(artifact: register.artifact)  # spec.yaml:16:14-16:18",
        "watch = Watch(endpoint: serve.endpoint)  # spec.yaml:17:14-17:48",
    ]


def test_without_a_deployment_nothing_is_served() -> None:
    text = SPEC[: SPEC.index("  deployment:")].replace("    server: {runtime: onnx}\n", "")
    assert [s.name for s in lowered(text).steps] == [
        "prepare",
        "search",
        "train",
        "convert",
        "measure-jetson",
    ]


def test_without_devices_the_model_is_trained_and_that_is_all() -> None:
    text = SPEC[: SPEC.index("  devices:")].replace(", minimize latency.p95 on jetson", "")
    assert [s.name for s in lowered(text).steps] == ["prepare", "search", "train"]


def test_what_comes_later_in_the_language_is_in_the_program() -> None:
    text = to_text(lowered())
    for part in (
        "privacy:",
        '"usd": 10.0',
        'agent: "lab"',
        "promoteWhen",
        'method: "shap"',
        "psi > 0.2",
    ):
        assert part in text


def test_labels_and_places_go_with_the_program() -> None:
    made = lowered()
    assert made.labels == (("team", "vision"),)
    places = dict(made.places)
    assert str(places["spec.search.budget.usd"]) == "spec.yaml:9:38"
    assert str(places["spec.devices.jetson.agent"]) == "spec.yaml:11:40"


def test_a_lowered_program_is_legal() -> None:
    assert verify(lowered()) == ()


def test_the_digest_is_of_values_and_not_of_their_layout() -> None:
    first = lowered()
    moved = lowered("# a comment\n" + SPEC.replace("maximize accuracy", "maximize   accuracy"))
    assert moved.digest == first.digest
    assert lowered(SPEC.replace("trials: 24", "trials: 25")).digest != first.digest


@pytest.mark.parametrize(
    ("algorithm", "name", "metrics", "arguments"),
    [
        ("{use: vision/classifier@1}", "vision/classifier", (), ()),
        (
            (
                '{image: "r/i:1", estimator: "mine.train:Net", metrics: [accuracy], '
                "parameters: [width]}"
            ),
            "custom/net",
            (("accuracy", "higher"),),
            ("width",),
        ),
    ],
)
def test_of_an_algorithm_it_knows_what_the_spec_says(
    algorithm: str, name: str, metrics: tuple[tuple[str, str], ...], arguments: tuple[str, ...]
) -> None:
    made = lowered(SPEC.replace("{use: vision/classifier@1}", algorithm))
    (search,) = (s for s in made.steps if isinstance(s, Search))
    found = search.algorithm
    assert found.name == name
    assert tuple((m.name, m.better) for m in found.metrics) == metrics
    assert tuple(a.name for a in found.arguments) == arguments


def test_a_broken_study_still_lowers() -> None:
    made = loaded()
    broken = study(made)
    nowhere = replace(broken, spec=replace(broken.spec, devices=()))
    names = [s.name for s in lower(nowhere, made.spans).steps]
    assert names == ["prepare", "search", "train"]


@pytest.mark.parametrize(
    ("written", "watched", "expected"),
    [
        ("none", False, "none"),
        ("none", True, "all"),
        ("request", True, "request"),
        ("response", False, "response"),
        ("response", True, "all"),
        ("true", False, "all"),
    ],
)
def test_who_looks_for_drift_gets_the_requests(written: str, watched: bool, expected: str) -> None:
    text = SPEC.replace("    explain: shap\n", f"    logger: {written}\n")
    if not watched:
        text = text.replace("    monitor: {drift: psi > 0.2, then: research}\n", "")
    (serve,) = (step for step in lowered(text).steps if isinstance(step, Serve))
    assert serve.logger == expected
