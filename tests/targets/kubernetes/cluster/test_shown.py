"""A plan as text, Markdown and JSON: what goes in and all that comes out."""

from __future__ import annotations

import json
from dataclasses import replace

from omniforce.spec.diagnostic import Diagnostic
from omniforce.spec.source import Span
from omniforce.targets.platforms.kubernetes.cluster.cluster import Reference
from omniforce.targets.platforms.kubernetes.cluster.planning.amounts import Amounts
from omniforce.targets.platforms.kubernetes.cluster.planning.causes import WHOLE, Causes
from omniforce.targets.platforms.kubernetes.cluster.planning.consequences import (
    Consequences,
    TrialFate,
)
from omniforce.targets.platforms.kubernetes.cluster.planning.difference import FieldChange
from omniforce.targets.platforms.kubernetes.cluster.planning.drift import Drift
from omniforce.targets.platforms.kubernetes.cluster.planning.object_plan import (
    Conflict,
    ObjectPlan,
    Plan,
)
from omniforce.targets.platforms.kubernetes.cluster.planning.report import Report
from omniforce.targets.platforms.kubernetes.cluster.planning.spec_changes import SpecChange
from omniforce.targets.platforms.kubernetes.cluster.planning.successors import role
from omniforce.targets.platforms.kubernetes.cluster.shown.plan_markdown import (
    LONGEST,
    plan_markdown,
)
from omniforce.targets.platforms.kubernetes.cluster.shown.plan_plain import plan_plain
from omniforce.targets.platforms.kubernetes.cluster.shown.plan_text import plan_text
from omniforce.targets.platforms.kubernetes.cluster.shown.values import money, value

STAMP = FieldChange("metadata.labels[app.kubernetes.io/version]", '"a"', '"b"')


def reference(kind: str, name: str) -> Reference:
    return Reference("v1", kind, "ofc-digits", name)


SINK = reference("JobSink", "digits-trial")
CONFIG = reference("ConfigMap", "digits-study-bbbbbbbb")
OLD = reference("ConfigMap", "digits-study-aaaaaaaa")
TIMEOUT = SpecChange("spec.search.trial.timeout", "2m", "3m", Span("ofc.yaml", 12, 16, 12, 18), ())
MAX = SpecChange("spec.deployment.scale.max", "4", "5", Span("ofc.yaml", 30, 26, 30, 27), ())
DEADLINE = "spec.job.spec.activeDeadlineSeconds"
OBJECTS = (
    ObjectPlan(
        CONFIG,
        "replace",
        (FieldChange("data[study.json].steps[search].timeout", "120.0", "180.0"),),
        replaces=OLD,
    ),
    ObjectPlan(
        SINK,
        "change",
        (
            FieldChange(DEADLINE, "840", "960"),
            FieldChange(
                "spec.job.volumes[study].configMap.name",
                '"digits-study-aaaaaaaa"',
                '"digits-study-bbbbbbbb"',
            ),
            STAMP,
        ),
    ),
    ObjectPlan(
        reference("Trigger", "digits-tick"),
        "change",
        (FieldChange("spec.delivery.retry", "1", "5"),),
        conflicts=(Conflict("kubectl-edit", ".spec.delivery.retry"),),
        drift=(Drift("spec.delivery.retry", "5", "1", "kubectl-edit"),),
    ),
    ObjectPlan(reference("Role", "digits"), "change", (STAMP,)),
    ObjectPlan(reference("Broker", "digits"), "unchanged"),
    ObjectPlan(
        reference("Service", "digits-search"),
        "unchecked",
        reason="cannot be checked before ServiceAccount/digits-search is applied",
    ),
    ObjectPlan(reference("Service", "digits-old"), "delete"),
)
REPORT = Report(
    study="digits",
    namespace="ofc-digits",
    against="kind-dev",
    offline=False,
    digests=("sha256:a", "sha256:b"),
    plan=Plan("kind-dev", OBJECTS),
    causes=Causes(
        (TIMEOUT, MAX),
        (
            {
                role(SINK): frozenset({DEADLINE, "spec.job.volumes[study].configMap.name", WHOLE}),
                role(CONFIG): frozenset({"data[study.json].steps[search].timeout", WHOLE}),
            },
            {role(SINK): frozenset({"spec.job.volumes[study].configMap.name", WHOLE})},
        ),
        {
            role(SINK): frozenset({DEADLINE, "spec.job.volumes[study].configMap.name", WHOLE}),
            role(CONFIG): frozenset({"data[study.json].steps[search].timeout", WHOLE}),
        },
    ),
    consequences=Consequences(
        "continues",
        (TrialFate("spec.search.trial.timeout", "2m", "3m", "kept", "trials stayed within it"),),
        Amounts(48, 96, 3.2, 1.6, 0.0, 1.0, 0.5, (0.0, 4.0)),
        Amounts(48, 96, 4.8, 2.4, 0.0, 1.5, 0.5, (0.0, 5.0)),
        ("trials under way go on as they were made",),
    ),
    findings=(
        Diagnostic("OFC659", "there is no storage class `fast`", None, help="write `standard`"),
    ),
)


def test_a_plan_for_a_terminal() -> None:
    assert (
        plan_text(REPORT)
        == """\
digits in ofc-digits, on kind-dev

Spec
  ofc.yaml:12:16  spec.search.trial.timeout  2m -> 3m
  ofc.yaml:30:26  spec.deployment.scale.max  4 -> 5

Study goes on with another spec
  trials   48 (96 with every retry)
  time     1.6 h (3.2 h of trials) -> 2.4 h (4.8 h of trials)
  search   $1.00 at most -> $1.50 at most
  release  $0.50 at most, each time
  serving  $0.00 to $4.00 an hour -> $0.00 to $5.00 an hour
  trials that are there: kept
    kept  spec.search.trial.timeout  trials stayed within it
  trials under way go on as they were made

Objects
  ± replace   ConfigMap/digits-study-bbbbbbbb, in the place of digits-study-aaaaaaaa  # ofc.yaml:12
      data[study.json].steps[search].timeout  120 -> 180
  ~ change    JobSink/digits-trial  # ofc.yaml:12
      spec.job.spec.activeDeadlineSeconds  840 -> 960
      spec.job.volumes[study].configMap.name follows: digits-study-aaaaaaaa -> digits-study-bbbbbbbb
  ~ change    Trigger/digits-tick
      spec.delivery.retry  1 -> 5
  - delete    Service/digits-old
  ? 1 object cannot be checked before ServiceAccount/digits-search is applied
      Service  digits-search
  ~ 1 more changes only in the labels that say of which spec they are

Changed by hand since the last apply
  Trigger/digits-tick  spec.delivery.retry  5 was applied, 1 is there  by kubectl-edit

conflict Trigger/digits-tick: `kubectl-edit` holds .spec.delivery.retry
an apply takes them over with `--force-conflicts`; without, it stops there

Plan: 0 to create, 3 to change, 1 to replace, 1 to delete, 1 unchecked; 1 unchanged.
"""
    )


def test_a_plan_as_a_comment_on_a_pull_request() -> None:
    assert (
        plan_markdown(REPORT)
        == """\
<!-- ofc plan: digits -->
### An apply would stop: `digits` on `kind-dev`

**3** change · **1** replace · **1** delete · **1** unchecked · **1** unchanged

- **error** OFC659: there is no storage class `fast`
  <br>write `standard`

- **conflict** `Trigger/digits-tick`: `kubectl-edit` holds `.spec.delivery.retry`

| spec | before | after | where |
|---|---|---|---|
| `spec.search.trial.timeout` | `2m` | `3m` | `ofc.yaml:12:16` |
| `spec.deployment.scale.max` | `4` | `5` | `ofc.yaml:30:26` |

The study goes on with another spec.

- trials: 48 (96 with every retry)
- time: 1.6 h (3.2 h of trials) -> 2.4 h (4.8 h of trials)
- search: $1.00 at most -> $1.50 at most
- release: $0.50 at most, each time
- serving: $0.00 to $4.00 an hour -> $0.00 to $5.00 an hour
- trials that are there: **kept** by `spec.search.trial.timeout`: trials stayed within it
- trials under way go on as they were made

Changed by hand since the last apply:

- `Trigger/digits-tick` `spec.delivery.retry`: `1`, where `5` was applied by `kubectl-edit`

<details><summary>Objects</summary>

```diff
! replace ConfigMap/digits-study-bbbbbbbb (was digits-study-aaaaaaaa)  # ofc.yaml:12
    data[study.json].steps[search].timeout: 120 -> 180
! change JobSink/digits-trial  # ofc.yaml:12, 30
    spec.job.spec.activeDeadlineSeconds: 840 -> 960
    spec.job.volumes[study].configMap.name follows: digits-study-aaaaaaaa -> digits-study-bbbbbbbb
! change Trigger/digits-tick
    spec.delivery.retry: 1 -> 5
# unchecked Service/digits-search: cannot be checked before ServiceAccount/digits-search is applied
- delete Service/digits-old
! 1 more changes only in the labels that say of which spec they are
```

</details>
"""
    )


def test_a_comment_is_never_longer_than_github_takes() -> None:
    many = tuple(
        ObjectPlan(
            reference("Trigger", f"digits-{i}"),
            "change",
            tuple(FieldChange(f"spec.field{j}", '"a"', '"b"') for j in range(10)),
        )
        for i in range(2000)
    )
    text = plan_markdown(replace(REPORT, plan=Plan("kind-dev", many)))
    assert len(text) <= LONGEST
    assert "... cut here: `ofc plan` shows the rest" in text
    assert text.endswith("```\n\n</details>\n")
    short = plan_markdown(REPORT, 400)
    assert len(short) <= 400
    assert short.startswith("<!-- ofc plan: digits -->\n")


def test_a_value_cannot_break_out_of_the_comment_or_steer_the_terminal() -> None:
    evil = "```\n</details><script>\x1b[2J|@everyone `x`"
    plan = ObjectPlan(
        reference("Trigger", "digits|`-tick"),
        "change",
        (FieldChange(evil, json.dumps(evil), json.dumps(evil + evil)),),
        refused=evil,
    )
    report = replace(REPORT, plan=Plan("kind\x1b[2J", (plan,)), against="kind\x1b[2J")
    text = plan_markdown(report)
    fence = text[text.index("```diff") + 7 :]
    assert fence.count("```") == 1
    assert "\x1b" not in text
    assert "\x1b" not in plan_text(report)


def test_json_has_every_field_with_its_causes() -> None:
    plain = plan_plain(REPORT)
    assert json.loads(json.dumps(plain)) == plain
    sink = plain["objects"][1]  # type: ignore[index]
    assert sink["fields"][0] == {
        "path": DEADLINE,
        "before": "840",
        "after": "960",
        "causes": [0],
    }
    assert sink["fields"][1]["causes"] == [0, 1]
    assert plain["spec"][0] == {  # type: ignore[index]
        "path": "spec.search.trial.timeout",
        "before": "2m",
        "after": "3m",
        "span": {"file": "ofc.yaml", "line": 12, "column": 16},
    }
    assert (plain["changes"], plain["stops"]) == (True, True)
    assert plain["counts"] == {
        "create": 0,
        "change": 3,
        "replace": 1,
        "delete": 1,
        "unchecked": 1,
        "unchanged": 1,
    }


def test_values_are_short_and_on_one_line() -> None:
    assert value(None) == "(none)"
    assert value('"a"') == "a"
    assert value('" a"') == '" a"'
    assert value("3960.0") == "3960"
    assert value('"a\\nb"') == "a\\nb"
    assert len(value(json.dumps("x" * 500))) <= 60
    assert value("not json") == "not json"


def test_money_of_less_than_a_cent_is_still_said() -> None:
    assert [money(0), money(0.004), money(1204.5)] == ["$0.00", "$0.004", "$1,204.50"]
