"""The passes in their order: verified between every two, traced, all errors at once."""

from dataclasses import dataclass, replace

import pytest

from omniforce.compiler.capabilities import unsupported, uses
from omniforce.compiler.errors import CompilerBug
from omniforce.compiler.ir.program import Program
from omniforce.compiler.ir.text import parse_text, to_text
from omniforce.compiler.ir.verify import PROMISES
from omniforce.compiler.passes.context import Context, Outcome
from omniforce.compiler.pipeline import PASSES, Compiled, Traced, compile_study
from omniforce.spec.diagnostic import Diagnostic
from omniforce.spec.load import load
from omniforce.spec.source import Source
from tests.compiler.programs import catalogue
from tests.compiler.test_lower import SPEC

SMALL = """\
apiVersion: omniforce.dev/v1alpha2
kind: OmniForce
metadata: {name: digits}
spec:
  data: {source: "sklearn://digits"}
  algorithm: {use: vision/cnn@1}
  searchSpace: {depth: 1...8}
  objectives: [maximize accuracy]
  search: {budget: {trials: 24}, trial: {timeout: 1m}}
"""


def compiled(text: str = SMALL, **options: bool) -> Compiled:
    return compile_study(load(Source("spec.yaml", text)), catalogue(), **options)


@dataclass(frozen=True, slots=True)
class Moon:
    """A target that has nothing."""

    def refuse(self, program: Program) -> tuple[Diagnostic, ...]:
        return unsupported("moon", frozenset(), program)


@dataclass(frozen=True, slots=True)
class DropEverything:
    name: str = "drop-everything"

    def run(self, program: Program, context: Context) -> Outcome:
        return Outcome(replace(program, steps=program.steps[1:]))


def test_the_passes_run_in_this_order() -> None:
    assert [p.name for p in PASSES] == [
        "resolve-algorithms",
        "resolve-devices",
        "expand-defaults",
        "choose-strategy",
        "bound-budget",
        "size-resources",
        "place-steps",
        "pick-deployment-mode",
        "grant-access",
        "cache-keys",
    ]


def test_every_pass_has_its_file_and_class_in_the_same_words() -> None:
    for each in PASSES:
        module = type(each).__module__.rpartition(".")[2]
        assert module == each.name.replace("-", "_")
        assert type(each).__name__ == "".join(w.capitalize() for w in each.name.split("-"))


def test_every_promise_is_a_passes_own() -> None:
    assert PROMISES.keys() <= {p.name for p in PASSES}


def test_a_whole_program_comes_out() -> None:
    made = compiled()
    assert made.diagnostics == ()
    assert made.program is not None
    assert (
        to_text(made.program).partition("\nprepare = ")[2].replace(made.program.digest, "DIGEST")
        == """\
Prepare()  # spec.yaml:5:9-5:37
  resources: {"cpu": 1.0, "memory": 2147483648, "gpu": 0}
  runner: "pipeline"
"""
        f'  cacheKey: "{made.program.steps[0].cache_key}"\n'
        """\
  source: "sklearn://digits"
  target: null
  split: {"train": 0.6, "valid": 0.2, "test": 0.2, "stratify": false, "seed": 0}

search = Search(data: prepare.data)  # spec.yaml:9:11-9:55
  resources: {"cpu": 1.0, "memory": 2147483648, "gpu": 0}
  runner: "function"
  permissions:
    - {"group": "sources.knative.dev", "resource": "pingsources", "verbs": ["create"]}
    - group: "sources.knative.dev"
      resource: "pingsources"
      verbs: ["get", "delete"]
      names: ["digits-tick"]
  algorithm:
    name: "vision/cnn"
    version: 1
    estimator: "library.cnn:Cnn"
    doc: ""
    task: "any"
    metrics:
      - {"name": "accuracy", "better": "higher", "unit": "1", "doc": ""}
      - {"name": "loss", "better": "lower", "unit": "1", "doc": ""}
    arguments:
      - {"name": "depth", "type": "int", "doc": ""}
      - {"name": "rate", "type": "float", "doc": "", "default": 0.001}
      - {"name": "pool", "type": "choice", "doc": "", "values": ["max", "mean"], "default": "max"}
      - {"name": "wide", "type": "bool", "doc": "", "default": false}
    exports: ["onnx"]
  arguments: [["rate", 0.001], ["pool", "max"], ["wide", false]]
  space:
    coordinates:
      - name: "depth"
        index: []
        domain: {"kind": "IntRange", "low": 1, "high": 8, "scale": "linear", "step": 1}
  goals: ["maximize accuracy"]
  strategy: {"name": "random"}
  budget: {"trials": 24}
  parallelism: 1
  seed: 0
  timeout: 60.0
  retries: 1
  model: "best"
  worstCaseSeconds: 2880.0

train = Train(data: prepare.data, parameters: search.best)  # spec.yaml:6:14-6:33
  resources: {"cpu": 1.0, "memory": 2147483648, "gpu": 0}
  runner: "pipeline"
  algorithm:
    name: "vision/cnn"
    version: 1
    estimator: "library.cnn:Cnn"
    doc: ""
    task: "any"
    metrics:
      - {"name": "accuracy", "better": "higher", "unit": "1", "doc": ""}
      - {"name": "loss", "better": "lower", "unit": "1", "doc": ""}
    arguments:
      - {"name": "depth", "type": "int", "doc": ""}
      - {"name": "rate", "type": "float", "doc": "", "default": 0.001}
      - {"name": "pool", "type": "choice", "doc": "", "values": ["max", "mean"], "default": "max"}
      - {"name": "wide", "type": "bool", "doc": "", "default": false}
    exports: ["onnx"]
  arguments: [["rate", 0.001], ["pool", "max"], ["wide", false]]
  seed: 0
"""
    )


def test_its_text_reads_back() -> None:
    program = compiled().program
    assert program is not None
    assert parse_text(to_text(program)) == program


def test_running_all_passes_again_changes_nothing() -> None:
    program = compiled().program
    assert program is not None
    again = program
    for each in PASSES:
        again = each.run(again, Context(catalogue())).program
    assert again == program


def test_an_estimator_of_ones_own_may_be_judged_by_devices_alone() -> None:
    own = SMALL.replace("{use: vision/cnn@1}", '{image: "r/i:1", estimator: "mine:Net"}')
    text = own.replace("maximize accuracy", "minimize latency.p95 on server")
    made = compiled(text + "  devices: {server: {runtime: onnx}}\n")
    assert made.program is not None, made.diagnostics


def test_the_trace_shows_only_what_changed() -> None:
    by_name = {t.name: t for t in compiled(trace=True).trace}
    assert by_name["choose-strategy"] == Traced(
        "choose-strategy",
        ("search", '-   strategy: {"name": "auto"}', '+   strategy: {"name": "random"}'),
        ("`random`, since nothing else is known",),
    )
    assert by_name["resolve-devices"].changed == ()
    assert by_name["lower"].changed[0].startswith("+ program digits sha256:")


def test_without_a_trace_nothing_is_printed() -> None:
    assert all(t.changed == () for t in compiled().trace)


def test_a_pass_that_breaks_the_program_is_our_bug() -> None:
    loaded = load(Source("spec.yaml", SMALL))
    with pytest.raises(CompilerBug, match="drop-everything: search") as caught:
        compile_study(loaded, catalogue(), passes=(DropEverything(),))
    assert caught.value.pass_name == "drop-everything"


def test_what_cannot_be_read_is_answered_as_it_is() -> None:
    loaded = load(Source("spec.yaml", "kind: nothing"))
    assert compile_study(loaded, catalogue()) == Compiled(None, loaded.diagnostics)


def test_errors_of_rules_passes_and_target_come_in_the_order_of_the_file() -> None:
    text = SMALL.replace("trials: 24", "usd: 10").replace("depth: 1", "depht: 1")
    made = compile_study(load(Source("spec.yaml", text)), catalogue(), Moon())
    assert made.program is None
    assert [(d.code, d.span and d.span.line) for d in made.diagnostics] == [
        ("OFC401", 5),
        ("OFC323", 6),
        ("OFC322", 7),
        ("OFC501", 9),
    ]


def test_nothing_of_the_language_is_dropped_in_silence() -> None:
    text = SPEC.replace("vision/classifier@1", "vision/cnn@1").replace("width: 16", "depth: 16")
    made = compile_study(load(Source("spec.yaml", text)), catalogue())
    assert made.program is not None, made.diagnostics
    assert [use.word for use in uses(made.program)] == [
        "source:sklearn",
        "privacy",
        "budget.usd",
        "runtime:tensorrt",
        "precision:fp32",
        "agent",
        "runtime:onnx",
        "precision:fp32",
        "objectives.several",
        "objectives.device",
        "serve",
        "canary",
        "promoteWhen",
        "explain:shap",
        "monitor",
    ]


def test_a_refusal_names_the_target_the_place_and_a_way_out() -> None:
    text = (
        SMALL.replace("trials: 24", "trials: 24, usd: 10") + "  platform: {rates: {cpuHour: 1}}\n"
    )
    made = compile_study(load(Source("spec.yaml", text)), catalogue(), Moon())
    found = next(d for d in made.diagnostics if "usd" in d.message)
    assert (found.code, found.message, str(found.span), found.label, found.help) == (
        "OFC401",
        "the bound `usd` is not on the target `moon`",
        "spec.yaml:9:38",
        "not on `moon`",
        "bound the search by `trials`",
    )
    assert all(d.help for d in made.diagnostics)
