"""The twenty demands of docs/on-a-real-cluster.md, as far as manifests can meet them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import yaml

from omniforce.compiler.events import EVENT_TYPES
from omniforce.compiler.ir.program import Program
from omniforce.spec.blocks.platform import BrokerOptions, Kubernetes
from omniforce.targets.platforms.kubernetes.eventing import EMITS, PING, SUBSCRIPTIONS, self_fed
from omniforce.targets.platforms.kubernetes.target import KubernetesTarget
from omniforce.targets.platforms.kubernetes.tick import schedule
from tests.support import programs

FUNCTIONS = ("search", "dispatch", "deadletter", "api", "advise")
RESTRICTED = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "runAsNonRoot": True,
    "seccompProfile": {"type": "RuntimeDefault"},
}


def _objects(program: Program) -> list[dict[str, Any]]:
    files = KubernetesTarget().emit(program)
    return [yaml.safe_load(f.text) for f in files if f.path != "kustomization.yaml"]


@pytest.fixture(scope="module")
def objects() -> list[dict[str, Any]]:
    return _objects(programs.program())


def _of(objects: list[dict[str, Any]], kind: str) -> dict[str, dict[str, Any]]:
    return {o["metadata"]["name"]: o for o in objects if o["kind"] == kind}


def _revision(objects: list[dict[str, Any]], function: str) -> dict[str, Any]:
    service = _of(objects, "Service")[f"digits-edge-{function}"]
    spec: dict[str, Any] = service["spec"]["template"]["spec"]
    return spec


def _trial_job(objects: list[dict[str, Any]]) -> dict[str, Any]:
    job: dict[str, Any] = _of(objects, "JobSink")["digits-edge-trial"]["spec"]["job"]["spec"]
    return job


def _keys(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for key, child in node.items():
            yield key
            yield from _keys(child)
    elif isinstance(node, list):
        for child in node:
            yield from _keys(child)


def _env(container: dict[str, Any]) -> dict[str, Any]:
    return {e["name"]: e.get("value", e.get("valueFrom")) for e in container["env"]}


def _tick(objects: list[dict[str, Any]]) -> dict[str, Any]:
    (study,) = [o for o in objects if "tick.json" in o.get("data", {})]
    tick: dict[str, Any] = json.loads(study["data"]["tick.json"])
    return tick


def test_demand_1_no_function_subscribes_to_what_it_emits_itself(
    objects: list[dict[str, Any]],
) -> None:
    assert self_fed() == ()
    heard_by_search = replace(SUBSCRIPTIONS[0], type="dev.omniforce.trial.requested.v1")
    assert self_fed((heard_by_search,)) == ("study-started",)
    own = {t for types in EMITS.values() for t in types}
    assert own | {s.type for s in SUBSCRIPTIONS} - {PING} <= set(EVENT_TYPES)
    for trigger in _of(objects, "Trigger").values():
        to = trigger["spec"]["subscriber"]["ref"]["name"].removeprefix("digits-edge-")
        assert trigger["spec"]["filter"]["attributes"]["type"] not in EMITS[to]


def test_demand_1_the_broker_of_production_is_a_choice_in_the_spec() -> None:
    url = (
        "http://kafka-broker-ingress.knative-eventing.svc.cluster.local/ofc-digits-edge/digits-edge"
    )
    options = BrokerOptions("Kafka", config="kafka-broker-config", url=url)
    made = _objects(programs.program(kubernetes=Kubernetes(broker=options)))
    broker = _of(made, "Broker")["digits-edge"]
    assert broker["metadata"]["annotations"]["eventing.knative.dev/broker.class"] == "Kafka"
    assert broker["spec"]["config"] == {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "name": "kafka-broker-config",
        "namespace": "knative-eventing",
    }
    assert "digits-edge-broker" not in _of(made, "ConfigMap")
    assert _env(_revision(made, "search")["containers"][0])["OFC_BROKER"] == url
    (way,) = [e for e in _egress(made, "out") if _numbers(e) == [8080, 8443]]
    assert way["to"][0]["podSelector"] == {"matchLabels": {"app": "kafka-broker-receiver"}}


def test_demand_2_whoever_emits_several_events_posts_them_to_the_broker(
    objects: list[dict[str, Any]],
) -> None:
    address = "http://broker-ingress.knative-eventing.svc.cluster.local/ofc-digits-edge/digits-edge"
    (trial,) = _trial_job(objects)["template"]["spec"]["containers"]
    for container in (_revision(objects, "search")["containers"][0], trial):
        assert _env(container)["OFC_BROKER"] == address


def test_demand_3_every_function_can_take_the_lock_in_the_store(
    objects: list[dict[str, Any]],
) -> None:
    reference = {"secretKeyRef": {"name": "ofc-store", "key": "url"}}
    for function in FUNCTIONS:
        revision = _revision(objects, function)
        annotations = _of(objects, "Service")[f"digits-edge-{function}"]["spec"]["template"][
            "metadata"
        ]["annotations"]
        assert _env(revision["containers"][0])["OFC_STORE_URL"] == reference
        # people look while a study is changed; every change takes the lock all the same
        assert revision["containerConcurrency"] == (64 if function == "api" else 1)
        assert annotations["autoscaling.knative.dev/min-scale"] == "0"
        assert annotations["autoscaling.knative.dev/max-scale"] == "1"


def test_demand_4_the_tick_is_known_by_type_and_source_and_has_no_time_zone(
    objects: list[dict[str, Any]],
) -> None:
    tick = _tick(objects)
    assert _of(objects, "Trigger")["digits-edge-tick"]["spec"]["filter"]["attributes"] == {
        "type": "dev.knative.sources.ping",
        "source": (
            f"/apis/v1/namespaces/{tick['metadata']['namespace']}"
            f"/pingsources/{tick['metadata']['name']}"
        ),
    }
    assert "timezone" not in tick["spec"]
    assert json.loads(tick["spec"]["data"])["study"] == "digits-edge"


def test_demand_5_the_tick_exists_only_while_a_study_runs(objects: list[dict[str, Any]]) -> None:
    assert _of(objects, "PingSource") == {}
    assert _tick(objects)["spec"]["schedule"] == "*/5 * * * *"
    to_dispatch = {
        t["spec"]["filter"]["attributes"]["type"]
        for t in _of(objects, "Trigger").values()
        if t["spec"]["subscriber"]["ref"]["name"] == "digits-edge-dispatch"
    }
    assert to_dispatch == {
        "dev.omniforce.study.started.v1",
        "dev.omniforce.study.changed.v1",
        "dev.omniforce.study.completed.v1",
    }


@pytest.mark.parametrize(
    ("timeout", "expected"),
    [
        (1, "*/2 * * * *"),
        (240, "*/2 * * * *"),
        (600, "*/5 * * * *"),
        (900, "*/6 * * * *"),
        (3600, "*/30 * * * *"),
        (86_400, "*/30 * * * *"),
    ],
)
def test_demand_5_a_tick_comes_twice_in_a_timeout_and_never_under_two_minutes(
    timeout: float, expected: str
) -> None:
    assert schedule(timeout) == expected


def test_demand_5_dispatch_may_make_and_remove_the_tick_and_nothing_else(
    objects: list[dict[str, Any]],
) -> None:
    role = _of(objects, "Role")["digits-edge-dispatch"]
    assert role["rules"] == [
        {
            "apiGroups": ["sources.knative.dev"],
            "resources": ["pingsources"],
            "verbs": ["create"],
        },
        {
            "apiGroups": ["sources.knative.dev"],
            "resources": ["pingsources"],
            "resourceNames": [_tick(objects)["metadata"]["name"]],
            "verbs": ["get", "delete"],
        },
    ]


def test_the_release_that_dispatch_starts_is_the_one_that_is_applied(
    objects: list[dict[str, Any]],
) -> None:
    (study,) = [o for o in objects if "release.json" in o.get("data", {})]
    release = json.loads(study["data"]["release.json"])
    version = release.pop("version")
    assert release == {
        "api": "http://ml-pipeline.kubeflow.svc.cluster.local:8888",
        "namespace": "ofc-digits-edge",
        "pipeline": "digits-edge-release",
        "account": "digits-edge-pipeline",
    }
    assert release["pipeline"] in _of(objects, "Pipeline")
    assert version in _of(objects, "PipelineVersion")
    assert release["account"] in _of(objects, "ServiceAccount")


def test_demand_6_the_tick_wakes_the_search_that_reaps(objects: list[dict[str, Any]]) -> None:
    subscriber = _of(objects, "Trigger")["digits-edge-tick"]["spec"]["subscriber"]["ref"]
    assert subscriber == {
        "apiVersion": "serving.knative.dev/v1",
        "kind": "Service",
        "name": "digits-edge-search",
        "namespace": "ofc-digits-edge",
    }


def test_demand_7_a_job_ends_and_goes_by_itself_and_its_pod_is_admitted(
    objects: list[dict[str, Any]],
) -> None:
    job = _trial_job(objects)
    assert job["ttlSecondsAfterFinished"] == 86_400
    assert job["activeDeadlineSeconds"] == (600 + 300) * 2
    assert job["backoffLimit"] == 1
    pod = job["template"]["spec"]
    assert pod["restartPolicy"] == "Never"
    (container,) = pod["containers"]
    assert container["securityContext"].items() >= RESTRICTED.items()
    assert "jobsink-event" not in {v["name"] for v in pod["volumes"]}
    assert {"K_EVENT_PATH", "K_EXECUTION_MODE"}.isdisjoint(_env(container))
    assert job["template"]["metadata"]["labels"]["app.kubernetes.io/instance"] == "digits-edge"


def test_demand_8_a_request_reaches_the_one_runner_that_it_names(
    objects: list[dict[str, Any]],
) -> None:
    requested = [
        t["spec"]["filter"]["attributes"]
        for t in _of(objects, "Trigger").values()
        if t["spec"]["filter"]["attributes"]["type"] == "dev.omniforce.trial.requested.v1"
    ]
    assert requested == [
        {
            "type": "dev.omniforce.trial.requested.v1",
            "source": "/studies/digits-edge",
            "ofcrunner": "job",
        }
    ]


def test_demand_9_triggers_come_after_whom_they_wake(objects: list[dict[str, Any]]) -> None:
    wave = {
        o["kind"]: int(o["metadata"]["annotations"]["argocd.argoproj.io/sync-wave"])
        for o in objects
    }
    assert wave["Namespace"] == wave["ServiceAccount"] < wave["ConfigMap"] < wave["Service"]
    assert wave["Broker"] == wave["Service"] == wave["JobSink"] < wave["Trigger"]
    assert wave["Trigger"] < wave["InferenceService"]
    existing = {(o["kind"], o["metadata"]["name"]) for o in objects}
    for trigger in _of(objects, "Trigger").values():
        delivery = trigger["spec"]["delivery"]["deadLetterSink"]["ref"]
        for reference in (trigger["spec"]["subscriber"]["ref"], delivery):
            assert (reference["kind"], reference["name"]) in existing


def test_demand_10_files_are_named_in_the_order_in_which_each_can_be_applied() -> None:
    paths = [f.path for f in KubernetesTarget().emit(programs.program())]
    kinds = list(dict.fromkeys(p.split("-")[1] for p in paths[:-1]))
    assert kinds == [
        "namespace", "serviceaccount", "role", "rolebinding", "networkpolicy", "configmap",
        "persistentvolumeclaim", "broker", "service", "jobsink", "trigger", "pipeline",
        "pipelineversion", "inferenceservice",
    ]  # fmt: skip
    assert paths[-1] == "kustomization.yaml"


def test_demand_11_a_server_in_knative_mode_has_its_security_on_the_container(
    objects: list[dict[str, Any]],
) -> None:
    predictor = _of(objects, "InferenceService")["digits-edge"]["spec"]["predictor"]
    assert {"securityContext", "nodeSelector", "tolerations", "affinity"}.isdisjoint(predictor)
    assert predictor["model"]["securityContext"] == RESTRICTED | {"runAsUser": 1000}


def test_demand_12_a_model_comes_from_a_volume_which_needs_no_initializer(
    objects: list[dict[str, Any]],
) -> None:
    model = _of(objects, "InferenceService")["digits-edge"]["spec"]["predictor"]["model"]
    assert model["storageUri"] == f"pvc://digits-edge-data/models/{'ab' * 6}"
    assert "digits-edge-data" in _of(objects, "PersistentVolumeClaim")


def test_demand_13_the_brokers_address_is_a_value_and_nothing_is_bound(
    objects: list[dict[str, Any]],
) -> None:
    assert _of(objects, "SinkBinding") == {}
    for function in FUNCTIONS:
        address = _env(_revision(objects, function)["containers"][0])["OFC_BROKER"]
        assert isinstance(address, str)


def test_demand_14_a_function_has_only_what_a_default_cluster_gives_it(
    objects: list[dict[str, Any]],
) -> None:
    forbidden = {
        "persistentVolumeClaim",
        "nodeSelector",
        "tolerations",
        "affinity",
        "fieldRef",
        "initContainers",
    }
    for function in FUNCTIONS:
        revision = _revision(objects, function)
        assert forbidden.isdisjoint(_keys(revision))
        assert "securityContext" not in revision
        assert revision["containers"][0]["securityContext"].items() >= RESTRICTED.items()
        assert 0 < revision["timeoutSeconds"] <= 600
        assert {e["name"] for e in revision["containers"][0]["env"]}.isdisjoint({"PORT"})


def test_demand_15_a_readiness_probe_has_no_timeout_and_no_port(
    objects: list[dict[str, Any]],
) -> None:
    for function in FUNCTIONS:
        (container,) = _revision(objects, function)["containers"]
        assert container["readinessProbe"] == {"httpGet": {"path": "/health/readiness"}}
        assert container["livenessProbe"]["periodSeconds"] == 10
        assert _env(container)["OMP_NUM_THREADS"] == "1"


def test_demand_16_what_nobody_could_handle_reaches_the_dead_letter_function(
    objects: list[dict[str, Any]],
) -> None:
    expected = {
        "retry": 5,
        "backoffPolicy": "exponential",
        "backoffDelay": "PT1S",
        "timeout": "PT300S",
        "deadLetterSink": {
            "ref": {
                "apiVersion": "serving.knative.dev/v1",
                "kind": "Service",
                "name": "digits-edge-deadletter",
                "namespace": "ofc-digits-edge",
            }
        },
    }
    senders = [*_of(objects, "Trigger").values(), *_of(objects, "Broker").values()]
    assert [s["spec"]["delivery"] for s in senders] == [expected] * 11


def test_demand_17_every_executor_of_a_pipeline_has_a_security_context(
    objects: list[dict[str, Any]],
) -> None:
    for version in _of(objects, "PipelineVersion").values():
        executors = version["spec"]["pipelineSpec"]["deploymentSpec"]["executors"]
        platform = version["spec"]["platformSpec"]["platforms"]["kubernetes"]["deploymentSpec"]
        assert executors.keys() == platform["executors"].keys()
        for executor in platform["executors"].values():
            assert executor["securityContext"]["runAsNonRoot"] is True


def _egress(objects: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    rules: list[dict[str, Any]] = _of(objects, "NetworkPolicy")[f"digits-edge-{name}"]["spec"][
        "egress"
    ]
    return rules


def _numbers(rule: dict[str, Any]) -> list[int]:
    return sorted({p["port"] for p in rule["ports"]})


def test_demand_18_everything_is_closed_but_the_ways_that_a_study_uses(
    objects: list[dict[str, Any]],
) -> None:
    policies = {n: p["spec"] for n, p in _of(objects, "NetworkPolicy").items()}
    name = "kubernetes.io/metadata.name"
    dns = {
        "to": [
            {
                "namespaceSelector": {"matchLabels": {name: "kube-system"}},
                "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}},
            }
        ],
        "ports": [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}],
    }
    broker = {
        "to": [
            {
                "namespaceSelector": {"matchLabels": {name: "knative-eventing"}},
                "podSelector": {"matchLabels": {"eventing.knative.dev/brokerRole": "ingress"}},
            }
        ],
        "ports": _tcp(8080, 8443),
    }
    store = {"to": [{"ipBlock": {"cidr": "0.0.0.0/0"}}], "ports": _tcp(5432)}
    pipelines = {
        "to": [{"namespaceSelector": {"matchLabels": {name: "kubeflow"}}}],
        "ports": _tcp(8080, 8333, 8887, 8888, 9000),
    }
    api = {"ports": _tcp(443, 6443)}
    gateways = [
        {"namespaceSelector": {"matchLabels": {name: "knative-serving"}}},
        {"namespaceSelector": {"matchLabels": {name: "kourier-system"}}},
    ]
    assert policies == {
        "digits-edge-default-deny": {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]},
        "digits-edge-knative-in": {
            "podSelector": {
                "matchExpressions": [{"key": "serving.knative.dev/service", "operator": "Exists"}]
            },
            "policyTypes": ["Ingress"],
            "ingress": [{"from": gateways, "ports": _tcp(8012, 8013, 8112, 9090, 9091)}],
        },
        "digits-edge-out": {
            "podSelector": {
                "matchLabels": {"app.kubernetes.io/instance": "digits-edge"},
                "matchExpressions": [
                    {"key": "serving.kserve.io/inferenceservice", "operator": "DoesNotExist"}
                ],
            },
            "policyTypes": ["Egress"],
            "egress": [dns, broker, store],
        },
        "digits-edge-dispatch-out": {
            "podSelector": {"matchLabels": {"serving.knative.dev/service": "digits-edge-dispatch"}},
            "policyTypes": ["Egress"],
            "egress": [api, pipelines],
        },
        "digits-edge-pipeline-out": {
            "podSelector": {
                "matchExpressions": [
                    {"key": "workflows.argoproj.io/workflow", "operator": "Exists"}
                ]
            },
            "policyTypes": ["Egress"],
            "egress": [dns, broker, store, pipelines, api],
        },
        "digits-edge-server-out": {
            "podSelector": {"matchLabels": {"serving.kserve.io/inferenceservice": "digits-edge"}},
            "policyTypes": ["Egress"],
            "egress": [dns, broker],
        },
    }


def _tcp(*ports: int) -> list[dict[str, Any]]:
    return [{"port": port, "protocol": "TCP"} for port in ports]


def test_demand_18_the_api_server_is_for_dispatch_alone(objects: list[dict[str, Any]]) -> None:
    for name, account in _of(objects, "ServiceAccount").items():
        mounted = name in {"digits-edge-dispatch", "digits-edge-pipeline"}
        assert account["automountServiceAccountToken"] is mounted
    for function in ("search", "deadletter"):
        assert _revision(objects, function)["automountServiceAccountToken"] is False
    # Knative refuses the field with `true`: the ServiceAccount says it
    assert "automountServiceAccountToken" not in _revision(objects, "dispatch")


def test_demand_19_no_field_is_written_that_a_controller_owns(
    objects: list[dict[str, Any]],
) -> None:
    owned = {"suspend", "traffic", "replicas", "caBundle", "finalizers", "generateName"}
    for each in objects:
        assert "status" not in each
        assert owned.isdisjoint(_keys(each))
        assert not [k for k in _keys(each) if k.endswith(("/creator", "/lastModifier"))]


def test_demand_20_names_leave_room_for_what_controllers_add() -> None:
    longest = "a" * 40
    made = _objects(programs.program(name=longest))
    for each in made:
        assert len(each["metadata"]["name"]) <= 63
    assert list(_of(made, "InferenceService")) == [longest]


def test_demand_20_what_looks_like_a_number_or_a_truth_value_is_quoted() -> None:
    labels = (("team", "on"), ("cost", "0755"), ("release", "1.10"), ("answer", "y"))
    made = KubernetesTarget().emit(programs.program(labels=labels))
    (broker,) = [f.text for f in made if f.path == "20-broker-digits-edge.yaml"]
    for line in ("team: 'on'", "cost: '0755'", "release: '1.10'", "answer: 'y'"):
        assert f"    {line}\n" in broker
