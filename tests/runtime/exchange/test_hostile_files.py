"""Files from somewhere: whatever they hold, there are findings or a problem, and no traceback."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from omniforce.runtime.exchange.findings import MOST, Findings
from omniforce.runtime.exchange.foreign_study import SYSTEMS
from omniforce.runtime.exchange.read_foreign import Wanted, read_foreign
from omniforce.runtime.exchange.spec_text import spec_text
from omniforce.spec.problem import Problem

from .foreign import FILLED, imported, told
from .test_determined import CONFIG as DETERMINED
from .test_katib import EXPERIMENT, trial
from .test_nni import CONFIG as NNI

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=8,
)


def read(folder: Path, text: str, *trials: str) -> None:
    """Everything that `ofc import` does up to the spec."""
    for system in (None, *SYSTEMS[1:]):
        (folder / "file").write_text(text, encoding="utf-8", errors="surrogatepass")
        names: list[str] = []
        for number, each in enumerate(trials):
            (folder / f"t{number}.json").write_text(each, encoding="utf-8")
            names.append(str(folder / f"t{number}.json"))
        wanted = Wanted(file=str(folder / "file"), system=system, trials=tuple(names))
        try:
            found = read_foreign(wanted)
        except Problem:
            continue
        if found.study is not None:
            spec_text(found.study, FILLED, Findings("file"))


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(key=st.sampled_from(["spec", "trial", "tuner", "searcher", "hyperparameters"]), value=JSON)
def test_any_value_anywhere_gives_findings(tmp_path: Path, key: str, value: object) -> None:
    said = json.dumps(value)
    for text in (EXPERIMENT, NNI, DETERMINED):
        read(tmp_path, f"{text}\n{key}2: {said}\n", said)
        read(tmp_path, json.dumps({key: value, "searchSpace": value, "searcher": value}), said)
    read(tmp_path, said, said)


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_a_file_with_a_value_replaced_gives_findings(tmp_path: Path, data: st.DataObject) -> None:
    text = data.draw(st.sampled_from([EXPERIMENT, NNI, DETERMINED]))
    lines = text.splitlines()
    place = data.draw(st.integers(0, len(lines) - 1))
    head, colon, _ = lines[place].partition(":")
    value = json.dumps(data.draw(JSON))
    lines[place] = f"{head}{colon} {value}"
    read(tmp_path, "\n".join(lines))


@pytest.mark.parametrize(
    "text",
    [
        "!!python/object/apply:os.system ['touch pwned']",
        "kind: Experiment\nspec: !!python/name:os.system\n",
        "a: &a [*a]",
        "\n".join(["a0: &a0 [x]", *(f"a{i}: &a{i} [{f'*a{i - 1},' * 9}]" for i in range(1, 12))]),
        "[" * 5000,
        "\x00\x01",
        "",
    ],
    ids=["object", "name", "circle", "bomb", "deep", "binary", "empty"],
)
def test_yaml_runs_nothing_and_expands_to_nothing(tmp_path: Path, text: str) -> None:
    read(tmp_path, text, text)
    assert not Path("pwned").exists()


def test_a_million_findings_are_counted(tmp_path: Path) -> None:
    text = EXPERIMENT + "".join(f"x{i}: 1\n" for i in range(3000))
    found = imported(tmp_path, text)
    assert len(found.findings) == MOST + 1
    assert "more findings" in found.findings[-1].message


def test_names_of_a_stranger_stay_within_the_language(tmp_path: Path) -> None:
    name = "x'); drop table ofc_trials; --\\u001b[31m"
    text = EXPERIMENT.replace("- name: lr", f'- name: "{name}"')
    found = imported(tmp_path, text)
    assert found.study is not None
    assert found.study.parameters[0].name == "x_drop_table_ofc_trials_31m"
    assert any("x_drop_table_ofc_trials_31m" in each for each in told(found))


def test_a_pickle_in_an_attribute_of_a_storage_is_not_looked_at(tmp_path: Path) -> None:
    place = tmp_path / "optuna.db"
    with sqlite3.connect(place) as db:
        db.executescript(
            """
            create table studies (study_id integer, study_name text);
            create table study_directions (study_id, direction, objective);
            create table study_system_attributes (study_id, key, value_json);
            create table trials
                (trial_id integer, number, study_id, state, datetime_start, datetime_complete);
            create table trial_params
                (param_id integer, trial_id, param_name, param_value, distribution_json);
            create table trial_values (trial_id, objective, value);
            create table trial_intermediate_values (trial_id, step, intermediate_value);
            insert into studies values (1, 's');
            insert into study_directions values (1, 'MINIMIZE', 0);
            insert into study_system_attributes values (1, 'cma:0', 'gASVMgAAAAAAAACMBXBvc2l4');
            insert into trials values (1, 0, 1, 'COMPLETE', 'never', x'00ff');
            insert into trial_params values (1, 1, 'a', 'many', '{"name": "FloatDistribution"}');
            insert into trial_params values (2, 1, 'b', 0, '[[[[');
            insert into trial_params values (3, 1, 'c', 9e99,
                '{"name": "CategoricalDistribution", "attributes": {"choices": [1]}}');
            insert into trial_values values (1, 0, 'much');
            """
        )
    found = read_foreign(Wanted(file=str(place)))
    assert found.study is None
    assert sorted(d.message[:23] for d in found.findings if d.is_error) == [
        "the parameter `a` has t",
        "the parameter `b` has t",
    ]


def test_a_trial_with_figures_that_are_none_is_left_out(tmp_path: Path) -> None:
    text = "---\n".join([EXPERIMENT, trial("t", "0.02").replace('"0.3"', "unavailable")])
    text = text.replace('latest: "0.31"', 'latest: "NaN"')
    found = imported(tmp_path, text)
    assert [dict(each.metrics) for each in found.trials] == [{"accuracy": 0.2}]
