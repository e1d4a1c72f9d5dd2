"""The passes after the algorithm is known: what each writes, and what it refuses."""

from dataclasses import replace

import pytest

from omniforce.compiler.catalogue import ChosenStrategy, WrongOption
from omniforce.compiler.ir.program import Permission, Program, Search, Serve
from omniforce.compiler.passes.bound_budget import BoundBudget
from omniforce.compiler.passes.cache_keys import CacheKeys
from omniforce.compiler.passes.choose_strategy import ChooseStrategy
from omniforce.compiler.passes.context import Pass
from omniforce.compiler.passes.expand_defaults import ExpandDefaults
from omniforce.compiler.passes.grant_access import GrantAccess
from omniforce.compiler.passes.pick_deployment_mode import PickDeploymentMode
from omniforce.compiler.passes.place_steps import PlaceSteps
from omniforce.compiler.passes.resolve_devices import ResolveDevices
from omniforce.compiler.passes.size_resources import SizeResources
from omniforce.spec.blocks.deployment import ColdStart, ScaleTo
from omniforce.spec.blocks.platform import Rates
from omniforce.spec.blocks.search import Budget, Resources, StrategyChoice
from omniforce.spec.diagnostic import Diagnostic, Related, Severity
from tests.compiler.programs import (
    CNN,
    NAME_ONLY,
    SERVER,
    changed,
    context,
    program,
    search,
    span,
    watched,
)

GIB = 2**30
BUDGET = ("spec", "search", "budget")
SCALE = ("spec", "deployment", "scale")


def found(each: Pass, made: Program, *paths: tuple[str, ...]) -> tuple[Diagnostic, ...]:
    outcome = each.run(made, context(*paths))
    return outcome.diagnostics


@pytest.mark.parametrize(
    "each",
    [
        ResolveDevices(),
        ExpandDefaults(),
        ChooseStrategy(),
        BoundBudget(),
        SizeResources(),
        PlaceSteps(),
        PickDeploymentMode(),
        GrantAccess(),
        CacheKeys(),
    ],
    ids=lambda p: p.name,
)
def test_a_second_run_changes_nothing(each: Pass) -> None:
    made = watched(program(strategy=StrategyChoice("auto")))
    once = each.run(made, context()).program
    again = each.run(once, context())
    assert again.program == once
    assert again.notes == ()


# resolve-devices


def test_refuses_a_device_that_no_model_reaches() -> None:
    made = program(algorithm=replace(CNN, exports=()))
    runtime = ("spec", "devices", "server", "runtime")
    assert found(ResolveDevices(), made, runtime) == (
        Diagnostic(
            "OFC327",
            "the models of `vision/cnn` do not convert to what `onnx` reads",
            span(1),
            "reads onnx",
            "it exports nothing: remove the device, or take another algorithm",
        ),
    )


@pytest.mark.parametrize("runtime", ["onnx", "openvino", "tvm", "tensorrt"])
def test_takes_every_runtime_that_reads_onnx(runtime: str) -> None:
    made = program(devices=(replace(SERVER, runtime=runtime),))
    assert found(ResolveDevices(), made) == ()


def test_says_nothing_of_the_devices_of_an_unknown_algorithm() -> None:
    made = program(algorithm=replace(NAME_ONLY, exports=()))
    assert found(ResolveDevices(), made) == ()


# expand-defaults


def test_writes_out_the_defaults_that_nobody_sets() -> None:
    written = program(arguments=(("wide", True),))
    full = (("wide", True), ("pool", "max"))
    outcome = ExpandDefaults().run(written, context())
    assert outcome.program == program(arguments=full)


# choose-strategy


def test_auto_becomes_what_the_catalogue_says_suits() -> None:
    options = (("population", 8),)
    made = program(strategy=StrategyChoice("auto", options))
    chosen = ChosenStrategy("sobol", ("few trials", "no model"))
    outcome = ChooseStrategy().run(made, context(choose_strategy=lambda _: chosen))
    assert outcome.program == program(strategy=StrategyChoice("sobol", options))
    assert outcome.notes == ("`sobol`, since few trials; no model",)


def test_refuses_an_unknown_strategy() -> None:
    made = program(strategy=StrategyChoice("bayesean"))
    assert found(ChooseStrategy(), made, ("spec", "search", "strategy")) == (
        Diagnostic(
            "OFC330",
            "there is no strategy `bayesean`",
            span(1),
            "did you mean `bayesian`?",
            "write `bayesian`",
        ),
    )


def test_refuses_what_the_strategy_says_of_its_options() -> None:
    made = program(strategy=StrategyChoice("random", (("x", 1),)))
    path = ("spec", "search", "strategy", "options", "x")
    wrong = WrongOption("x", "strategy `random` has no option `x`", "leave `options` out")
    outcome = ChooseStrategy().run(made, context(path, wrong_option=lambda _, __: wrong))
    assert outcome.diagnostics == (
        Diagnostic("OFC331", wrong.message, span(1), "not for `random`", wrong.help),
    )


# bound-budget


@pytest.mark.parametrize(
    ("budget", "gpu", "worst"),
    [
        (Budget(trials=24), 0, 24 * 2 * 60.0),
        (Budget(wall_clock=3600.0), 0, 2 * 3660.0),
        (Budget(trials=10_000, wall_clock=3600.0), 0, 2 * 3660.0),
        (Budget(gpu_hours=1.0), 2, 1800.0 + 2 * 60.0),
        (Budget(trials=1, usd=10.0), 0, 120.0),
        # a core at 1 and 2 GiB at 0.5 dollars: five hours
        (Budget(usd=10.0), 0, 5 * 3600.0 + 2 * 60.0),
        (Budget(kwh=1.0), 0, 10 * 3600.0 + 2 * 60.0),
        (Budget(kwh=1.0), 3, 2.5 * 3600.0 + 2 * 60.0),
    ],
)
def test_takes_the_tightest_bound(budget: Budget, gpu: int, worst: float) -> None:
    rates = Rates(cpu_hour=1.0, memory_hour=0.5, cpu_watts=100.0, gpu_watts=100.0)
    made = program(budget=budget, resources=Resources(gpu=gpu))
    made = replace(made, platform=replace(made.platform, rates=rates))
    outcome = BoundBudget().run(made, context())
    assert outcome.program == changed(made, "search", worst_case_seconds=worst)
    assert outcome.diagnostics == ()


@pytest.mark.parametrize(
    ("budget", "path", "label"),
    [
        (Budget(), BUDGET, "needs a bound"),
        (Budget(usd=10.0), (*BUDGET, "usd"), "no bound without a rate"),
    ],
)
def test_refuses_a_search_without_end(budget: Budget, path: tuple[str, ...], label: str) -> None:
    made = program(budget=budget)
    (only,) = found(BoundBudget(), made, path)
    assert (only.code, only.span, only.label) == ("OFC501", span(1), label)
    assert BoundBudget().run(made, context()).program == made


def test_refuses_gpu_hours_without_a_gpu_line_against_line() -> None:
    made = program(budget=Budget(trials=24, gpu_hours=4.0))
    resources = ("spec", "search", "trial", "resources")
    (only,) = found(BoundBudget(), made, (*BUDGET, "gpuHours"), resources)
    assert (only.code, only.span) == ("OFC502", span(1))
    assert only.related == (Related(span(2), "no `gpu` here"),)


# size-resources


def test_sizes_every_step_by_its_kind() -> None:
    made = watched(program(resources=Resources(cpu=2.0, memory=GIB, gpu=1)))
    outcome = SizeResources().run(made, context())
    trial = Resources(cpu=2.0, memory=GIB, gpu=1)
    small = Resources(cpu=0.5, memory=GIB // 2)
    assert {s.name: s.resources for s in outcome.program.steps} == {
        "prepare": Resources(cpu=2.0, memory=GIB),
        "search": trial,
        "train": trial,
        "convert": Resources(cpu=2.0, memory=GIB),
        "measure-server": Resources(cpu=2.0, memory=GIB),
        "register": small,
        "serve": Resources(cpu=2.0, memory=2 * GIB),
        "explain": Resources(cpu=1.0, memory=2 * GIB),
        "watch": small,
    }


def test_warns_where_a_measurement_would_be_throttled() -> None:
    made = program(resources=Resources(cpu=1.0))
    threads = ("spec", "devices", "server", "threads")
    cpu = ("spec", "search", "trial", "resources", "cpu")
    assert found(SizeResources(), made, threads, cpu) == (
        Diagnostic(
            "OFC504",
            "`server` is measured with 2 threads, and a trial has 1 cores",
            span(1),
            "latencies would measure the throttling",
            "write `cpu: 2` under `search.trial.resources`",
            Severity.WARNING,
            (Related(span(2), "a trial's cores"),),
        ),
    )


# place-steps


def test_says_what_runs_each_step() -> None:
    outcome = PlaceSteps().run(watched(program()), context())
    assert {s.name: s.runner for s in outcome.program.steps} == {
        "prepare": "pipeline",
        "search": "function",
        "train": "pipeline",
        "convert": "pipeline",
        "measure-server": "pipeline",
        "register": "pipeline",
        "serve": "service",
        "explain": "service",
        "watch": "function",
    }


def test_leaves_a_step_that_is_placed() -> None:
    made = changed(program(), "search", runner="process")
    (placed,) = (s for s in PlaceSteps().run(made, context()).program.steps if s.name == "search")
    assert placed.runner == "process"


# pick-deployment-mode


def test_takes_knative() -> None:
    outcome = PickDeploymentMode().run(program(), context())
    assert outcome.program == changed(program(), "serve", mode="Knative")
    assert outcome.diagnostics == ()


def test_refuses_a_cold_start_faster_than_waking_line_against_line() -> None:
    made = changed(program(), "serve", scale=ScaleTo(min=0, cold_start=ColdStart(0.5)))
    assert found(PickDeploymentMode(), made, (*SCALE, "coldStart", "p95"), (*SCALE, "min")) == (
        Diagnostic(
            "OFC505",
            "a cold start of 0.5 s is wished for, and no server wakes from zero in under 1 s",
            span(1),
            "faster than waking is",
            "keep one server with `min: 1`, or write `coldStart: {p95: 8s}`",
            related=(Related(span(2), "sleeps at zero servers"),),
        ),
    )


@pytest.mark.parametrize(
    "scale", [ScaleTo(min=1, cold_start=ColdStart(0.5)), ScaleTo(cold_start=ColdStart(8.0))]
)
def test_takes_a_cold_start_that_can_be_kept(scale: ScaleTo) -> None:
    assert found(PickDeploymentMode(), changed(program(), "serve", scale=scale)) == ()


# grant-access


def test_grants_the_least_that_each_step_needs() -> None:
    outcome = GrantAccess().run(watched(program()), context())
    assert {s.name: s.permissions for s in outcome.program.steps if s.permissions} == {
        "search": (
            Permission("sources.knative.dev", "pingsources", ("create",)),
            Permission("sources.knative.dev", "pingsources", ("get", "delete"), ("digits-tick",)),
        ),
        "register": (
            Permission("serving.kserve.io", "inferenceservices", ("create",)),
            Permission("serving.kserve.io", "inferenceservices", ("get", "patch"), ("digits",)),
        ),
    }


def test_grants_nothing_for_a_server_that_there_is_not() -> None:
    made = program()
    made = replace(made, steps=tuple(s for s in made.steps if not isinstance(s, Serve)))
    granted = GrantAccess().run(made, context()).program
    assert {s.name for s in granted.steps if s.permissions} == {"search"}


# cache-keys


def keys(made: Program) -> dict[str, str | None]:
    return {s.name: s.cache_key for s in CacheKeys().run(made, context()).program.steps}


def test_only_what_is_known_by_what_goes_in_has_a_key() -> None:
    assert {n for n, key in keys(program()).items() if key} == {"prepare"}


def test_data_that_may_change_has_no_key() -> None:
    assert keys(changed(program(), "prepare", source="s3://lake/rows.csv"))["prepare"] is None
    pinned = "oci://registry/data@sha256:" + "0" * 64
    assert keys(changed(program(), "prepare", source=pinned))["prepare"]


def test_a_key_changes_with_the_content_and_with_nothing_else() -> None:
    key = keys(program())["prepare"]
    moved = changed(program(), "prepare", span=span(7), resources=Resources(), runner="pipeline")
    assert keys(moved)["prepare"] == key
    assert keys(changed(program(), "prepare", target="label"))["prepare"] != key
    assert key == "sha256:" + key.removeprefix("sha256:")


def test_the_search_has_no_key_since_it_measures() -> None:
    assert search().cache_key is None
    (only,) = (
        s for s in CacheKeys().run(program(), context()).program.steps if isinstance(s, Search)
    )
    assert only.cache_key is None
