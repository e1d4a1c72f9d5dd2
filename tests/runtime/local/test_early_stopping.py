"""`ofc run` of a study whose trials report: the bad ones end early, and all of them count."""

from __future__ import annotations

from .conftest import Project
from .stepping_estimator import STEPS

SPEC = """\
apiVersion: omniforce.dev/v1alpha2
kind: OmniForce
metadata: {name: tiny}
spec:
  data: {source: "file://data.csv", target: y}
  algorithm:
    estimator: stepping_estimator:Estimator
    metrics: [accuracy, steps]
    parameters: [x]
  searchSpace: {x: 0.0...1.0}
  objectives: [maximize accuracy]
  search:
    strategy: sobol
    budget: {trials: 8}
    parallelism: 2
    stopping: {rule: median, least: 3, after: 2}
"""


def test_a_bad_trial_ends_early_and_is_completed(project: Project) -> None:
    project.write("", SPEC)
    done = project.json("run", "--no-serve")
    assert (done["state"], done["reason"], done["trials"]) == ("completed", "budget", 8)
    trials = project.json("trials")["trials"]
    assert {trial["state"] for trial in trials} == {"completed"}
    steps = {trial["trial"]: trial["metrics"]["steps"] for trial in trials}
    early = [trial for trial in trials if steps[trial["trial"]] < STEPS - 1]
    whole = [trial for trial in trials if steps[trial["trial"]] == STEPS - 1]
    assert early
    assert len(whole) >= 3
    best = max(trials, key=lambda trial: trial["parameters"]["x"])
    assert best in whole
    assert done["chosen"] == best["trial"]
    for trial in early:
        reached = trial["parameters"]["x"] + 0.001 * steps[trial["trial"]]
        assert abs(trial["metrics"]["accuracy"] - reached) < 1e-9


def test_a_bad_trial_that_does_not_listen_is_ended_with_its_last_figures(project: Project) -> None:
    spec = SPEC.replace(":Estimator", ":Deaf").replace("[accuracy, steps]", "[accuracy]")
    spec = spec.replace("strategy: sobol", "strategy: random").replace("trials: 8", "trials: 5")
    project.write("", spec.replace("{x: 0.0...1.0}", "{x: {0.9, 0.8, 0.7, 0.6, 0.1}}"))
    done = project.json("run", "--no-serve")
    assert (done["state"], done["trials"]) == ("completed", 5)
    trials = {t["parameters"]["x"]: t for t in project.json("trials")["trials"]}
    assert {trial["state"] for trial in trials.values()} == {"completed"}
    assert 0.1 <= trials[0.1]["metrics"]["accuracy"] < 0.5
