"""A server that answers anything at all: a plan, a standing, or a clear refusal."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from omniforce.spec.problem import Problem
from omniforce.targets.platforms.kubernetes.cluster.cluster import Event, Reference, Refused
from omniforce.targets.platforms.kubernetes.cluster.planning.report import make_report
from omniforce.targets.platforms.kubernetes.cluster.preflight import preflight
from omniforce.targets.platforms.kubernetes.cluster.shown.plan_markdown import plan_markdown
from omniforce.targets.platforms.kubernetes.cluster.shown.plan_plain import plan_plain
from omniforce.targets.platforms.kubernetes.cluster.shown.plan_text import plan_text
from omniforce.targets.platforms.kubernetes.cluster.shown.standing_plain import standing_plain
from omniforce.targets.platforms.kubernetes.cluster.shown.standing_text import standing_text
from omniforce.targets.platforms.kubernetes.cluster.standing import standing
from omniforce.targets.platforms.kubernetes.target import objects
from tests.support.live import compiled

Tree = dict[str, Any]
LOADED, PROGRAM = compiled()
EMITTED = objects(PROGRAM)

KEYS = st.sampled_from(
    [
        "apiVersion",
        "kind",
        "metadata",
        "name",
        "labels",
        "annotations",
        "managedFields",
        "fieldsV1",
        "manager",
        "spec",
        "status",
        "conditions",
        "type",
        "data",
        "study.json",
        "template",
        "containers",
        "hard",
        "limits",
        "max",
        "involvedObject",
        "provisioner",
        "\x1b[2J",
        "",
    ]
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["{", "{}", "[]", "1Gi", "Ready", "True", "Container", "[" * 500])
)
VALUES: Any = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=25,
)
TREES = st.dictionaries(KEYS, VALUES, max_size=6)


class Anything:
    """Answers what it is given, in turn."""

    name = "evil\x1b[2J"

    def __init__(self, trees: list[Tree], version: str, serves: bool) -> None:
        self._trees, self._turn = trees, 0
        self._version, self._serves = version, serves

    def _next(self) -> Tree:
        self._turn += 1
        return self._trees[self._turn % len(self._trees)] if self._trees else {}

    def version(self) -> str:
        return self._version

    def serves(self, api_version: str, kind: str) -> bool:
        return self._serves

    def preferred(self, group: str, kind: str) -> str | None:
        return f"{group}/v1" if self._serves else None

    def get(self, reference: Reference) -> Tree | None:
        return self._next() or None

    def list(
        self,
        api_version: str,
        kind: str,
        namespace: str | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> tuple[Tree, ...]:
        return tuple(self._trees)

    def apply(self, tree: Tree, *, dry_run: bool = False, force: bool = False) -> Tree:
        assert dry_run
        answer = self._next()
        if "status" in answer:
            raise Refused("OFC622", repr(answer))
        return {**tree, **{k: v for k, v in answer.items() if k not in ("kind", "metadata")}}

    def review(self, tree: Tree) -> Tree:
        return self._next()

    def delete(
        self, reference: Reference, *, dry_run: bool = False, uid: str | None = None
    ) -> bool:
        raise AssertionError("a plan deletes nothing")

    def watch(
        self, api_version: str, kind: str, namespace: str | None, seconds: float
    ) -> Iterator[Event]:
        return iter(())


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(TREES, max_size=6), st.text(max_size=8), st.booleans())
def test_whatever_a_server_answers_is_a_plan_or_a_clear_refusal(
    trees: list[Tree], version: str, serves: bool
) -> None:
    cluster = Anything(trees, version, serves)
    try:
        report = make_report(cluster, PROGRAM, LOADED.spans, check=False)
    except Problem:
        return
    assert "\x1b" not in plan_text(report)
    assert "\x1b" not in plan_markdown(report)
    json.dumps(plan_plain(report))


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(TREES, max_size=6), st.text(max_size=8), st.booleans())
def test_whatever_a_server_answers_is_findings(
    trees: list[Tree], version: str, serves: bool
) -> None:
    preflight(Anything(trees, version, serves), PROGRAM, EMITTED)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(TREES, max_size=6))
def test_whatever_a_server_answers_is_a_standing(trees: list[Tree]) -> None:
    found = standing(Anything(trees, "v1.36.0", True), PROGRAM, PROGRAM)
    assert "\x1b" not in standing_text(found)
    assert "\x1b" not in standing_text(found, everything=True)
    json.dumps(standing_plain(found))
