"""The text of a program: what a reader sees, and what comes back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omniforce.compiler.ir.program import (
    Input,
    Notify,
    Permission,
    Prepare,
    Program,
    Ref,
    Register,
    Search,
    Step,
    Watch,
)
from omniforce.compiler.ir.text import MalformedText, parse_text, to_text
from omniforce.spec.blocks.algorithm import AlgorithmInterface
from omniforce.spec.blocks.data import Encode, EncodeOptions, Split, Sql
from omniforce.spec.blocks.deployment import Monitor
from omniforce.spec.blocks.devices import Device
from omniforce.spec.blocks.platform import Platform
from omniforce.spec.blocks.search import Budget, Resources, StrategyChoice
from omniforce.spec.expression.tree import (
    BestModel,
    Compare,
    Literal_,
    Metric,
    Name,
    Objective,
    ParetoModel,
    Quantity,
    Requirement,
)
from omniforce.spec.plain.values import from_plain, to_plain
from omniforce.spec.source import Span
from omniforce.spec.space import Choice, Coordinate, FloatRange, IntRange, Space

DIGEST = "sha256:" + "ab" * 32

SMALL = Program(
    name="digits",
    digest=DIGEST,
    steps=(
        Prepare(
            name="prepare",
            span=Span("spec.yaml", 5, 3, 9, 1),
            source="sklearn://digits",
            target=None,
            split=Split(),
            features=(Sql("select 1\nfrom data"),),
        ),
        Search(
            name="search",
            inputs=(Input("data", Ref("prepare", "data")),),
            algorithm=AlgorithmInterface("vision/cnn", 1, ""),
            arguments=(("epochs", 3), ("fast", True)),
            space=Space(
                (
                    Coordinate("depth", (), IntRange(2, 3)),
                    Coordinate(
                        "width",
                        (2,),
                        Choice((8, 16), ordered=True),
                        (Compare(">", Name("depth"), Literal_(2)),),
                        8,
                        ("depth",),
                    ),
                )
            ),
            goals=(Objective("maximize", Metric("accuracy")),),
            strategy=StrategyChoice(),
            budget=Budget(trials=24),
            parallelism=1,
            seed=0,
            timeout=600.0,
            retries=1,
            model=BestModel(),
        ),
        Notify(name="notify", after=("prepare", "search"), to="team"),
    ),
    platform=Platform(),
    labels=(("team", "vision"),),
)

TEXT = f"""\
program digits {DIGEST}
  platform:
    kubernetes:
      images:
        functions: "localhost:5000/omniforce/functions:0.1.0"
        trial: "localhost:5000/omniforce/full:0.1.0"
      store: {{"name": "ofc-store", "key": "url"}}
      models: {{"size": 1073741824, "accessMode": "ReadWriteOnce"}}
      broker: {{"brokerClass": "MTChannelBasedBroker"}}
      network:
        gateways: ["knative-serving", "kourier-system"]
        eventing: "knative-eventing"
        pipelines: "kubeflow"
        storeCidr: "0.0.0.0/0"
        storePort: 5432
      servingRuntime: "kserve-tritonserver"
  labels: [["team", "vision"]]

prepare = Prepare()  # spec.yaml:5:3-9:1
  source: "sklearn://digits"
  target: null
  split: {{"train": 0.6, "valid": 0.2, "test": 0.2, "stratify": false, "seed": 0}}
  features: [{{"kind": "Sql", "sql": "select 1\\nfrom data"}}]

search = Search(data: prepare.data)
  algorithm:
    name: "vision/cnn"
    version: 1
    estimator: ""
    doc: ""
    task: "any"
    exports: ["onnx"]
  arguments: [["epochs", 3], ["fast", true]]
  space:
    coordinates:
      - name: "depth"
        index: []
        domain: {{"kind": "IntRange", "low": 2, "high": 3, "scale": "linear", "step": 1}}
      - name: "width"
        index: [2]
        domain: {{"kind": "Choice", "values": [8, 16], "ordered": true}}
        conditions: ["depth > 2"]
        default: 8
        lengths: ["depth"]
  goals: ["maximize accuracy"]
  strategy: {{"name": "auto"}}
  budget: {{"trials": 24}}
  parallelism: 1
  seed: 0
  timeout: 600.0
  retries: 1
  model: "best"

notify = Notify() after prepare, search
  to: "team"
"""


def test_a_program_reads_like_this() -> None:
    assert to_text(SMALL) == TEXT
    assert parse_text(TEXT) == SMALL


labels = st.from_regex(r"[a-z][a-z0-9-]{0,5}[a-z0-9]", fullmatch=True)
texts = st.text(max_size=200)
spans = st.none() | st.builds(Span, st.text(min_size=1), *[st.integers(1, 10**6)] * 4)
facts = {
    "name": labels,
    "span": spans,
    "after": st.lists(labels, max_size=2).map(tuple),
    "resources": st.none() | st.just(Resources(0.5, 2**29, 1)),
    "runner": st.sampled_from([None, "process", "pipeline"]),
    "permissions": st.lists(
        st.builds(Permission, texts, texts, st.lists(texts).map(tuple), st.lists(texts).map(tuple)),
        max_size=2,
    ).map(tuple),
    "cache_key": st.none() | st.just(DIGEST),
    "inputs": st.lists(st.builds(Input, labels, st.builds(Ref, labels, labels)), max_size=2).map(
        tuple
    ),
}
steps: st.SearchStrategy[Step] = (
    st.builds(
        Prepare,
        source=texts,
        target=st.none() | texts,
        split=st.just(Split(0.5, 0.25, 0.25, True, 3)),
        features=st.sampled_from([(), (Encode(EncodeOptions()),)]),
        **facts,
    )
    | st.builds(Register, **facts)
    | st.builds(Notify, to=texts, **facts)
    | st.builds(
        Watch,
        monitor=st.just(Monitor(Requirement(Metric("psi"), ">", Literal_(0.2)), "retrain")),
        **facts,
    )
    | st.builds(
        Search,
        algorithm=st.builds(AlgorithmInterface, texts, st.integers(0, 9), texts),
        arguments=st.lists(
            st.tuples(labels, st.booleans() | st.integers() | st.floats(0, 1) | texts), max_size=3
        ).map(tuple),
        space=st.just(Space((Coordinate("rate", (), FloatRange(1e-4, 0.1, "log")),))),
        goals=st.just((Requirement(Metric("size", None, "edge"), "<=", Quantity(2.0, "MiB")),)),
        strategy=st.just(StrategyChoice("bayesian", (("samples", 64),))),
        budget=st.builds(Budget, st.integers(1, 99)),
        parallelism=st.integers(1, 9),
        seed=st.integers(0, 9),
        timeout=st.floats(1, 1e6),
        retries=st.integers(0, 3),
        devices=st.just((Device(runtime="onnx", name="edge"),)),
        model=st.just(
            ParetoModel((Requirement(Metric("latency", "p95"), "<=", Quantity(5.0, "ms")),))
        ),
        worst_case_seconds=st.none() | st.floats(1, 1e6),
        **facts,
    )
)


@given(st.lists(steps, max_size=4).map(tuple), labels)
def test_what_is_printed_reads_back_as_the_same_program(made: tuple[Step, ...], name: str) -> None:
    program = Program(name, DIGEST, made, Platform())
    for again in (parse_text(to_text(program)), from_plain(Program, to_plain(program))):
        assert again == program
        assert repr(again) == repr(program)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "line 1: the text is empty"),
        ("programme x y", "line 1: expected `program NAME DIGEST`"),
        ("program x y\n a: 1", "line 2: indented by an odd number of spaces"),
        ("program x y\ns = Sort()", "line 2: expected `name = Kind(input: step.port)`"),
        ("program x y\ns = Register(a)", "line 2: expected `input: step.port`, found `a`"),
        ("program x y\ns = Notify()", "line 2: the value: `to` of Notify is missing"),
        ("program x y\ns = Notify()\n  to 3", "line 3: expected `key: value`"),
        ("program x y\ns = Notify()\n  to: x", "line 3: `x` is no JSON"),
        ("program x y\ns = Notify()\n  to:", "line 3: nothing stands below"),
        ("program x y\ns = Notify()\n    to: 1", "line 3: is indented too far"),
        ('program x y\ns = Notify()\n  to: "a"\n  to: "b"', "line 4: `to` is there twice"),
        ('program x y\ns = Notify()\n  to: "a"\n    b: 1', "line 4: is indented too far"),
        ("program x y\ns = Notify()\n  to:\n    - 1\n    b: 1", "line 5: expected `- value`"),
    ],
)
def test_a_text_that_is_no_program_is_refused_by_its_line(text: str, problem: str) -> None:
    with pytest.raises(MalformedText) as raised:
        parse_text(text)
    assert str(raised.value) == problem


@given(st.text() | st.text(alphabet='program xy\n =():-,."{}[]#'))
def test_any_text_is_a_program_or_is_refused(text: str) -> None:
    try:
        parse_text(f"program x y\n{text}")
    except MalformedText as refused:
        line = refused.line
    else:
        line = 1
    assert line >= 1
