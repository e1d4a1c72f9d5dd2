"""What the verifier says of programs that no pass may leave."""

from __future__ import annotations

from dataclasses import replace

import pytest

from omniforce.compiler.ir.program import Input, Notify, Permission, Program, Ref, Train
from omniforce.compiler.ir.verify import PROMISES, verify
from omniforce.compiler.pipeline import PASSES
from tests.support.programs import program

WHOLE = program()


def changed(name: str, **changes: object) -> Program:
    """The program with one step changed."""
    steps = tuple(
        replace(s, **changes) if s.name == name else s  # type: ignore[arg-type]
        for s in WHOLE.steps
    )
    return replace(WHOLE, steps=steps)


def said(made: Program, *done: str) -> list[str]:
    return [str(fault) for fault in verify(made, done)]


def test_a_good_program_is_good() -> None:
    assert said(WHOLE) == []


def test_a_name_must_be_a_label_and_a_digest_a_digest() -> None:
    assert said(replace(WHOLE, name="Digits", digest="sha256:12")) == [
        "program: the name `Digits` is no label of at most 40 characters",
        "program: the digest `sha256:12` is no sha256",
    ]


def test_a_study_is_one_search() -> None:
    assert said(replace(WHOLE, steps=WHOLE.steps[:1])) == [
        "program: has 0 searches, one is the study"
    ]


def test_every_input_is_there_and_stands_before_its_reader() -> None:
    backwards = replace(WHOLE, steps=(WHOLE.steps[1], WHOLE.steps[0]))
    assert said(backwards) == ["search: reads `prepare`, which stands behind it"]
    assert said(changed("search", inputs=(Input("data", Ref("nobody", "data")),))) == [
        "search: reads `nobody`, which is no step"
    ]


def test_a_step_reads_what_its_kind_wants_and_nothing_else() -> None:
    data = Input("data", Ref("prepare", "data"))
    assert said(changed("search", inputs=())) == ["search: lacks the input `data`"]
    assert said(changed("search", inputs=(data, data))) == ["search: reads `data` twice"]
    assert said(changed("search", inputs=(data, replace(data, name="more")))) == [
        "search: reads `more`, which a Search does not"
    ]


def test_ports_exist_and_have_the_type_that_is_wanted() -> None:
    assert said(changed("search", inputs=(Input("data", Ref("prepare", "rows")),))) == [
        "search: reads `prepare.rows`, which is no output of it"
    ]
    train = next(s for s in WHOLE.steps if isinstance(s, Train))
    swapped = (train.inputs[0], Input("parameters", Ref("search", "trials")))
    assert said(changed("train", inputs=swapped)) == [
        "train: reads a trials as `parameters`, expected a parameters"
    ]


def test_a_notification_may_read_anything() -> None:
    told = Notify(name="tell", inputs=(Input("x", Ref("search", "trials")),), to="team")
    assert said(replace(WHOLE, steps=(*WHOLE.steps, told))) == []


def test_names_are_unique_labels_and_order_is_a_dag() -> None:
    twice = replace(WHOLE, steps=(*WHOLE.steps, WHOLE.steps[0]))
    assert said(twice) == ["prepare: is there twice"]
    assert said(changed("prepare", after=("train", "nobody"))) == [
        "prepare: comes after `train`, which stands behind it",
        "prepare: comes after `nobody`, which is no step",
    ]


def test_a_kind_of_step_has_its_kinds_of_runner() -> None:
    assert said(changed("search", runner="service")) == ["search: a Search is not run by a service"]


@pytest.mark.parametrize(
    ("done", "made", "problem"),
    [
        ("size-resources", changed("train", resources=None), "train: has no resources"),
        ("place-steps", changed("train", runner=None), "train: has no runner"),
        ("pick-deployment-mode", changed("serve", mode=None), "serve: has no mode"),
        ("bound-budget", WHOLE, "search: has no bound of its work"),
        (
            "grant-access",
            changed("train", permissions=(Permission("batch", "jobs", ("create", "delete")),)),
            "train: has a permission over objects that it does not name",
        ),
        (
            "grant-access",
            changed("train", permissions=(Permission("*", "jobs", ("create",)),)),
            "train: has a permission over everything",
        ),
        (
            "cache-keys",
            changed("train", cache_key="new"),
            "train: has a cache key that is no digest",
        ),
        (
            "cache-keys",
            changed("search", cache_key="sha256:" + "0" * 64),
            "search: has a cache key and must run each time",
        ),
    ],
)
def test_a_pass_must_keep_its_promise_once_it_has_run(
    done: str, made: Program, problem: str
) -> None:
    assert said(made) == []
    assert said(made, done) == [problem]


def test_every_promise_is_that_of_a_pass() -> None:
    assert set(PROMISES) <= {p.name for p in PASSES}
