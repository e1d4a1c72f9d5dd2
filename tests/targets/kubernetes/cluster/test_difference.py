"""Which fields differ, who holds them, and what was changed by hand."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from omniforce.targets.platforms.kubernetes.cluster.ownership import managers
from omniforce.targets.platforms.kubernetes.cluster.planning.difference import (
    FieldChange,
    difference,
    written,
)
from omniforce.targets.platforms.kubernetes.cluster.planning.drift import Drift, drift

KEYS = st.sampled_from(["name", "spec", "metadata", "kind", "data", "a.b/c", "", "é"])
VALUES: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=20,
)
TREES = st.dictionaries(KEYS, VALUES, max_size=5)


def changes(before: Any, after: Any) -> list[tuple[str, str | None, str | None]]:
    return [(f.path, f.before, f.after) for f in difference({"spec": before}, {"spec": after})]


@given(TREES)
def test_nothing_differs_from_itself(tree: dict[str, Any]) -> None:
    assert difference(tree, json.loads(json.dumps(tree))) == ()


@given(TREES, TREES)
def test_whatever_a_server_answers_is_compared(
    before: dict[str, Any], after: dict[str, Any]
) -> None:
    found = difference(before, after)
    assert (found == ()) == _same_json(written(before), written(after))


@given(TREES, TREES)
def test_drift_and_managers_of_whatever_a_server_answers(
    live: dict[str, Any], applied: dict[str, Any]
) -> None:
    drift(live, applied)
    managers({"metadata": {"managedFields": [live, applied]}})


def _same_json(before: Any, after: Any) -> bool:
    def plain(value: Any) -> Any:
        if isinstance(value, bool) or value is None:
            return repr(value)
        if isinstance(value, int | float):
            return float(value) if abs(value) < 2**53 else value
        if isinstance(value, list):
            return [plain(v) for v in value]
        if isinstance(value, dict):
            return {k: plain(v) for k, v in value.items()}
        return value

    return bool(plain(before) == plain(after))


def test_items_of_a_list_are_told_by_their_names() -> None:
    before = [{"name": "b", "value": 1}, {"name": "c", "value": 2}]
    after = [{"name": "a", "value": 0}, {"name": "b", "value": 3}]
    assert changes(before, after) == [
        ("spec[a]", None, '{"name":"a","value":0}'),
        ("spec[b].value", "1", "3"),
        ("spec[c]", '{"name":"c","value":2}', None),
    ]


def test_another_order_is_a_change_of_its_own() -> None:
    before, after = [{"name": "a"}, {"name": "b"}], [{"name": "b"}, {"name": "a"}]
    assert changes(before, after) == [("spec (order)", '["a","b"]', '["b","a"]')]


def test_a_text_that_is_json_is_compared_inside() -> None:
    before, after = ({"study.json": json.dumps({"steps": [{"name": "s", "t": t}]})} for t in (1, 2))
    assert changes(before, after) == [("spec[study.json].steps[s].t", "1", "2")]


def test_true_is_not_one_and_one_is_one_point_zero() -> None:
    assert changes({"a": True, "b": 1}, {"a": 1, "b": 1.0}) == [("spec.a", "true", "1")]


def test_what_servers_write_at_each_change_is_no_field() -> None:
    before: Any = {
        "metadata": {"name": "a", "resourceVersion": "1", "managedFields": []},
        "status": {},
    }
    after: Any = {
        "metadata": {
            "name": "a",
            "resourceVersion": "2",
            "generation": 3,
            "annotations": {"serving.knative.dev/lastModifier": "me"},
        }
    }
    assert difference(before, after) == ()


def test_what_may_be_a_secret_is_not_shown() -> None:
    env = ({"env": [{"name": "DB_PASSWORD", "value": v}, {"name": "A", "value": v}]} for v in "xy")
    assert changes(*env) == [
        ("spec.env[DB_PASSWORD].value", '"(not shown)"', '"(not shown)"'),
        ("spec.env[A].value", '"x"', '"y"'),
    ]
    secrets: Any = ({"kind": "Secret", "data": {"url": v}} for v in "xy")
    assert difference(*secrets) == (FieldChange("data.url", '"(not shown)"', '"(not shown)"'),)


def live(spec: dict[str, Any], **owned: dict[str, Any]) -> dict[str, Any]:
    entries = [
        {"manager": name, "operation": "Apply", "fieldsV1": fields}
        for name, fields in owned.items()
    ]
    return {"metadata": {"managedFields": entries}, "spec": spec}


def test_a_field_that_ofc_still_holds_is_no_drift() -> None:
    # as where a server writes a value in another form
    now = live({"cpu": "1"}, ofc={"f:spec": {"f:cpu": {}}})
    assert drift(now, {"spec": {"cpu": "1000m"}}) == ()


def test_a_field_in_an_item_of_a_list_is_found_by_its_key() -> None:
    key = 'k:{"name":"c"}'
    theirs = {"f:spec": {"f:containers": {key: {"f:image": {}}}}}
    ours = {"f:spec": {"f:containers": {key: {".": {}, "f:name": {}}}}}
    now = live({"containers": [{"name": "c", "image": "b"}]}, ofc=ours, kubectl=theirs)
    applied: Any = {"spec": {"containers": [{"name": "c", "image": "a"}]}}
    assert drift(now, applied) == (Drift("spec.containers[c].image", '"a"', '"b"', "kubectl"),)


def test_a_list_that_is_one_value_is_held_as_a_whole() -> None:
    theirs = {"f:spec": {"f:containers": {}}}
    now = live({"containers": [{"name": "c", "image": "b"}]}, operator=theirs)
    applied: Any = {"spec": {"containers": [{"name": "c", "image": "a"}]}}
    assert drift(now, applied) == (Drift("spec.containers[c].image", '"a"', '"b"', "operator"),)


def test_managed_fields_without_sense_count_for_nobody() -> None:
    now: Any = {"metadata": {"managedFields": ["x", {"fieldsV1": 3}, None]}, "spec": {"a": 1}}
    assert drift(now, {"spec": {"a": 2}}) == (Drift("spec.a", "2", "1", ""),)
