"""What a cluster lacks, each thing found and named with a way out, before anything is written."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from omniforce.spec.diagnostic import Diagnostic, Severity
from omniforce.targets.platforms.kubernetes.cluster.apply_set import applied_objects
from omniforce.targets.platforms.kubernetes.cluster.client.client import connect
from omniforce.targets.platforms.kubernetes.cluster.cluster import Reference, Unauthorized
from omniforce.targets.platforms.kubernetes.cluster.preflight import preflight
from omniforce.targets.platforms.kubernetes.cluster.preflight.quantity import quantity
from tests.support.api_server import Answer, User
from tests.support.crd import needs_shared
from tests.support.equipped import SECRET_URL, deployment, runtime, storage_class
from tests.support.live import NAMESPACE, SPEC, Live, compiled, live

pytestmark = needs_shared


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Live]:
    with live(tmp_path, applied=False) as made:
        yield made


def found(live: Live, spec: str = SPEC) -> tuple[Diagnostic, ...]:
    _, program = compiled(spec)
    return preflight(live.cluster, program, applied_objects(program))


def said(live: Live, spec: str = SPEC) -> list[str]:
    """The findings as `error OFC659 message`."""
    return [f"{d.severity.value} {d.code} {d.message}" for d in found(live, spec)]


def platform(block: str) -> str:
    """The spec with a block `platform.kubernetes`."""
    head, _, tail = SPEC.partition("\nspec:\n")
    return f"{head}\nspec:\n  platform:\n    kubernetes: {block}\n{tail}"


def config(name: str, namespace: str = "knative-serving", **data: str) -> dict[str, Any]:
    metadata = {"name": name, "namespace": namespace}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}


def remove(
    live: Live, api_version: str, kind: str, name: str, namespace: str | None = None
) -> None:
    assert live.cluster.delete(Reference(api_version, kind, namespace, name))


def test_a_cluster_that_has_everything_has_no_findings(empty: Live) -> None:
    assert said(empty) == []


def test_preflight_writes_nothing_and_never_shows_the_secret(empty: Live) -> None:
    version = empty.server.store.version
    remove(empty, "serving.kserve.io/v1alpha1", "ClusterServingRuntime", "kserve-tritonserver")
    version = empty.server.store.version
    shown = repr(found(empty))
    assert empty.server.store.version == version
    assert "do-not-show-me" not in shown
    assert base64.b64encode(SECRET_URL.encode()).decode() not in shown


def test_kinds_that_are_not_served_are_one_finding_a_provider(empty: Live) -> None:
    empty.server.without("sinks.knative.dev", "serving.kserve.io")
    fresh = Live(empty.server, connect(None, str(empty.kubeconfig)), empty.kubeconfig)
    assert said(fresh) == [
        (
            "error OFC655 `in-test` has no JobSink of `sinks.knative.dev/v1alpha1`: "
            "Knative Eventing 1.16 or newer is missing or too old"
        ),
        (
            "error OFC655 `in-test` has no InferenceService of `serving.kserve.io/v1beta1`: "
            "KServe is missing or too old"
        ),
    ]


def test_an_old_cluster_is_a_warning(empty: Live) -> None:
    empty.server.version = "v1.27.3"
    assert said(empty) == [
        (
            "warning OFC668 `in-test` is Kubernetes v1.27.3, and 1.31 is the oldest that this is "
            "written for"
        )
    ]


def test_the_flag_for_volumes_of_servers_must_be_on(empty: Live) -> None:
    flag = "kubernetes.podspec-persistent-volume-claim"
    empty.cluster.apply(config("config-features", **{flag: "disabled"}), force=True)
    (diagnostic,) = found(empty)
    assert diagnostic.code == "OFC656"
    assert diagnostic.span is not None
    assert "kubectl patch configmap config-features" in diagnostic.help


def test_without_the_settings_of_knative_its_defaults_hold(empty: Live) -> None:
    remove(empty, "v1", "ConfigMap", "config-features", "knative-serving")
    remove(empty, "v1", "ConfigMap", "config-defaults", "knative-serving")
    assert [d.code for d in found(empty)] == ["OFC656"]


def test_a_timeout_over_the_cluster_s_maximum(empty: Live) -> None:
    most = {"max-revision-timeout-seconds": "120"}
    empty.cluster.apply(config("config-defaults", **most), force=True)
    assert said(empty) == [
        f"error OFC657 `digits-edge-{name}` may take 300 s for an answer, and the cluster allows "
        "120 s"
        for name in ("search", "dispatch", "deadletter", "api", "advise")
    ]


def test_a_namespace_that_ends(empty: Live) -> None:
    empty.server.controllers.held.add("Namespace")
    stored = empty.server.store.find("Namespace", None, NAMESPACE)
    assert stored is not None
    stored.tree["status"] = {"phase": "Terminating"}
    assert said(empty) == [f"error OFC658 the namespace `{NAMESPACE}` is being deleted"]


def test_others_in_a_namespace_that_will_be_closed(empty: Live) -> None:
    pod: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "somebody", "namespace": NAMESPACE},
        "spec": {"containers": [{"name": "c", "image": "i:1"}]},
    }
    empty.cluster.apply(pod)
    (diagnostic,) = found(empty)
    assert (diagnostic.code, diagnostic.severity) == ("OFC658", Severity.NOTE)
    assert "`somebody`" in diagnostic.message


def test_a_namespace_of_the_network_that_is_not_there(empty: Live) -> None:
    spec = platform("{network: {gateways: [knative-serving, istio-system]}}")
    (diagnostic,) = found(empty, spec)
    assert (diagnostic.code, diagnostic.severity) == ("OFC669", Severity.WARNING)
    assert diagnostic.span is not None
    assert "istio-system" in spec.split("\n")[diagnostic.span.line - 1]


def test_a_class_of_brokers_that_nobody_makes(empty: Live) -> None:
    remove(empty, "apps/v1", "Deployment", "mt-broker-controller", "knative-eventing")
    assert said(empty) == [
        (
            "error OFC665 nobody makes brokers of class `MTChannelBasedBroker`: there is no "
            "Deployment `mt-broker-controller` in `knative-eventing`"
        )
    ]


def test_a_broker_that_is_ready_needs_no_controller_of_a_known_name(empty: Live) -> None:
    _, program = compiled()
    empty.apply(program)
    remove(empty, "apps/v1", "Deployment", "mt-broker-controller", "knative-eventing")
    for _ in range(500):
        if not said(empty):
            break
        time.sleep(0.01)
    assert said(empty) == []


def test_settings_of_a_broker_that_are_not_there(empty: Live) -> None:
    spec = platform('{broker: {class: Kafka, config: kafka-broker-config, url: "http://kafka"}}')
    assert said(empty, spec) == [
        (
            "error OFC665 the broker's settings are in the ConfigMap `kafka-broker-config`, and "
            "`knative-eventing` has none"
        )
    ]
    empty.cluster.apply(config("kafka-broker-config", "knative-eventing"))
    assert said(empty, spec) == []


def test_a_storage_class_that_is_not_there(empty: Live) -> None:
    assert said(empty, platform("{models: {storageClass: fast}}")) == [
        "error OFC659 there is no storage class `fast`; there are: `standard`"
    ]


def test_no_default_storage_class(empty: Live) -> None:
    remove(empty, "storage.k8s.io/v1", "StorageClass", "standard")
    empty.cluster.apply(storage_class("slow"))
    (diagnostic,) = found(empty)
    assert diagnostic.message == (
        "no storage class is the default, and none is named; there are: `slow`"
    )
    assert "`storageClass: slow`" in diagnostic.help


def test_a_storage_class_that_makes_nothing(empty: Live) -> None:
    empty.cluster.apply(storage_class("local", provisioner="kubernetes.io/no-provisioner"))
    assert said(empty, platform("{models: {storageClass: local}}")) == [
        "warning OFC659 the storage class `local` makes no volumes by itself"
    ]


def test_whether_a_class_makes_shared_volumes_cannot_be_known(empty: Live) -> None:
    (diagnostic,) = found(empty, platform("{models: {accessMode: ReadWriteMany}}"))
    assert (diagnostic.code, diagnostic.severity) == ("OFC659", Severity.NOTE)


def test_a_claim_of_the_writer_s_own_must_be_there_and_be_written_to(empty: Live) -> None:
    spec = platform("{models: {claimName: shared}}")
    assert said(empty, spec) == [f"error OFC666 there is no claim `shared` in `{NAMESPACE}`"]
    claim: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "shared", "namespace": NAMESPACE},
        "spec": {
            "accessModes": ["ReadOnlyMany"],
            "resources": {"requests": {"storage": "1Gi"}},
        },
    }
    empty.cluster.apply(claim)
    assert said(empty, spec) == [
        "error OFC666 the claim `shared` is ReadOnlyMany, and trials write to it"
    ]


def test_a_volume_never_shrinks(empty: Live) -> None:
    _, program = compiled()
    empty.apply(program)
    (diagnostic,) = found(empty, platform("{models: {size: 512MiB}}"))
    assert diagnostic.code == "OFC666"
    assert diagnostic.help == "write `size: 1GiB`"


def test_the_store_s_secret_and_its_key(empty: Live) -> None:
    spec = platform("{store: {name: ofc-store, key: address}}")
    assert said(empty, spec) == [
        f"error OFC661 the Secret `ofc-store` in `{NAMESPACE}` has no key `address`; it has: `url`"
    ]
    remove(empty, "v1", "Secret", "ofc-store", NAMESPACE)
    (diagnostic,) = found(empty)
    assert diagnostic.help == (
        f'kubectl create secret generic ofc-store -n {NAMESPACE} --from-literal=url="$STORE_URL"'
    )


def test_a_runtime_that_is_not_there_names_those_that_serve_the_format(empty: Live) -> None:
    empty.cluster.apply(runtime("kserve-sklearnserver", "sklearn"))
    assert said(empty, platform("{servingRuntime: triton}")) == [
        (
            "error OFC660 there is no serving runtime `triton`; for onnx there are: "
            "`kserve-tritonserver`"
        )
    ]
    assert said(empty, platform("{servingRuntime: kserve-sklearnserver}")) == [
        "error OFC660 the serving runtime `kserve-sklearnserver` does not serve onnx"
    ]


def test_a_runtime_that_is_disabled(empty: Live) -> None:
    empty.cluster.apply(runtime("kserve-tritonserver", disabled=True), force=True)
    assert said(empty) == ["error OFC660 the serving runtime `kserve-tritonserver` is disabled"]


def test_a_runtime_of_another_protocol(empty: Live) -> None:
    made = runtime("kserve-tritonserver")
    made["spec"]["protocolVersions"] = ["v1"]
    empty.cluster.apply(made, force=True)
    assert said(empty) == [
        "error OFC660 the serving runtime `kserve-tritonserver` does not speak the protocol v2"
    ]


def from_s3(live: Live) -> tuple[Diagnostic, ...]:
    """As a model that is not on a volume would be found."""
    _, program = compiled()
    objects: list[dict[str, Any]] = [dict(o) for o in applied_objects(program)]
    for each in objects:
        if each["kind"] == "InferenceService":
            model = each["spec"]["predictor"]["model"] | {"storageUri": "s3://models/digits"}
            each["spec"] = {"predictor": each["spec"]["predictor"] | {"model": model}}
    return preflight(live.cluster, program, objects)


def test_what_fetches_a_model_must_be_admitted_by_pod_security(empty: Live) -> None:
    container: dict[str, Any] = {
        "apiVersion": "serving.kserve.io/v1alpha1",
        "kind": "ClusterStorageContainer",
        "metadata": {"name": "default"},
        "spec": {
            "container": {"name": "storage-initializer", "image": "initializer:1"},
            "supportedUriFormats": [{"prefix": "s3://"}],
        },
    }
    empty.cluster.apply(container)
    (diagnostic,) = from_s3(empty)
    assert diagnostic.code == "OFC662"
    assert "kubectl patch clusterstoragecontainer default" in diagnostic.help
    container["spec"]["container"]["securityContext"] = {
        "allowPrivilegeEscalation": False,
        "runAsNonRoot": True,
        "capabilities": {"drop": ["ALL"]},
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    empty.cluster.apply(container)
    assert from_s3(empty) == ()


def queued(name: str) -> str:
    """The spec with a label for Kueue."""
    return SPEC.replace(
        "  name: digits-edge\n",
        f"  name: digits-edge\n  labels: {{kueue.x-k8s.io/queue-name: {name}}}\n",
        1,
    )


def test_a_queue_that_is_not_there(empty: Live) -> None:
    local: dict[str, Any] = {
        "apiVersion": "kueue.x-k8s.io/v1beta2",
        "kind": "LocalQueue",
        "metadata": {"name": "team-a", "namespace": NAMESPACE},
        "spec": {"clusterQueue": "all"},
    }
    empty.cluster.apply(local)
    assert said(empty, queued("team-a")) == []
    assert said(empty, queued("team-b")) == [
        f"error OFC654 there is no LocalQueue `team-b` in `{NAMESPACE}`; there are: `team-a`"
    ]


def test_a_queue_without_kueue(empty: Live) -> None:
    empty.server.without("kueue.x-k8s.io")
    fresh = Live(empty.server, connect(None, str(empty.kubeconfig)), empty.kubeconfig)
    assert said(fresh, queued("team-a")) == [
        "error OFC654 trials are labelled for the queue `team-a`, and `in-test` has no Kueue"
    ]
    assert said(fresh) == []


def limit_range(**limits: Any) -> dict[str, Any]:
    metadata = {"name": "small", "namespace": NAMESPACE}
    spec = {"limits": [{"type": "Container", **limits}]}
    return {"apiVersion": "v1", "kind": "LimitRange", "metadata": metadata, "spec": spec}


def quota(used: dict[str, str] | None = None, **hard: str) -> dict[str, Any]:
    metadata = {"name": "team", "namespace": NAMESPACE}
    made = {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": metadata}
    words = {key.replace("_", "."): value for key, value in hard.items()}
    return made | {"spec": {"hard": words}, "status": {"used": used or {}}}


def test_a_limit_that_a_trial_exceeds(empty: Live) -> None:
    empty.cluster.apply(limit_range(max={"memory": "1Gi"}))
    assert [m for m in said(empty) if "JobSink" in m] == [
        (
            "error OFC663 JobSink/digits-edge-trial asks for 2 GiB of memory a container, and the "
            f"LimitRange `small` of `{NAMESPACE}` allows at most 1 GiB"
        )
    ]
    (trial,) = [d for d in found(empty) if "JobSink" in d.message]
    assert trial.span is not None
    assert "memory: 2GiB" in SPEC.split("\n")[trial.span.line - 1]


def test_a_quota_that_no_trial_fits_into(empty: Live) -> None:
    empty.cluster.apply(quota(requests_memory="1Gi"))
    assert "error OFC663 JobSink/digits-edge-trial asks for 2 GiB of memory, and the " in " ".join(
        said(empty)
    )


def test_a_quota_with_room_for_fewer_trials_than_are_asked_for(empty: Live) -> None:
    empty.cluster.apply(quota(requests_memory="5Gi", used={"requests.memory": "2Gi"}))
    stored = empty.server.store.find("ResourceQuota", NAMESPACE, "team")
    assert stored is not None
    stored.tree["status"] = {"used": {"requests.memory": "2Gi"}}
    assert said(empty) == [
        (
            "warning OFC663 1 of 2 trials at once fit into `requests.memory` of the ResourceQuota "
            "`team`: 2 GiB of 5 GiB are taken"
        )
    ]


def test_a_quota_of_limits_refuses_what_knative_puts_beside_a_function(empty: Live) -> None:
    empty.cluster.apply(quota(limits_cpu="64"))
    (diagnostic,) = found(empty)
    assert diagnostic.message.startswith(
        "the ResourceQuota `team` bounds limits.cpu, and Knative's queue-proxy has no limits"
    )
    sidecar = {"queue-sidecar-cpu-limit": "1"}
    empty.cluster.apply(config("config-deployment", **sidecar))
    assert said(empty) == []
    remove(empty, "v1", "ConfigMap", "config-deployment", "knative-serving")
    empty.cluster.apply(limit_range(default={"cpu": "1", "memory": "1Gi"}))
    assert said(empty) == []


def test_what_the_identity_may_not_do_is_named_by_kind(empty: Live, tmp_path: Path) -> None:
    denied = {"patch triggers", "create triggers", "delete jobsinks"}
    empty.server.users["token-of-ci"] = User("ci", denied)
    kubeconfig = empty.server.kubeconfig(tmp_path / "ci", "token-of-ci")
    as_ci = Live(empty.server, connect(None, str(kubeconfig)), kubeconfig)
    assert said(as_ci) == [
        f"error OFC664 you may not create, patch `triggers.eventing.knative.dev` in `{NAMESPACE}`",
        f"error OFC664 you may not delete `jobsinks.sinks.knative.dev` in `{NAMESPACE}`",
    ]


def test_what_the_identity_may_not_read_is_a_note(empty: Live, tmp_path: Path) -> None:
    empty.server.users["token-of-ci"] = User("ci", {"list storageclasses", "get secrets"})
    kubeconfig = empty.server.kubeconfig(tmp_path / "ci", "token-of-ci")
    as_ci = Live(empty.server, connect(None, str(kubeconfig)), kubeconfig)
    notes = found(as_ci)
    assert [(d.code, d.severity) for d in notes] == [("OFC667", Severity.NOTE)] * 2
    assert notes[0].message.startswith("the storage could not be looked at: ")
    assert notes[1].message.startswith("the store's Secret could not be looked at: ")


def test_an_answer_without_sense_is_not_taken_for_a_yes(empty: Live) -> None:
    nonsense = Answer(201, {"apiVersion": "v1", "kind": "Status", "status": "Success"})
    empty.server.fail(path="/selfsubjectaccessreviews", answer=nonsense, times=1000)
    (diagnostic,) = found(empty)
    assert (diagnostic.code, diagnostic.severity) == ("OFC664", Severity.NOTE)


def test_an_expired_token_ends_the_checks(empty: Live, tmp_path: Path) -> None:
    kubeconfig = empty.server.kubeconfig(tmp_path / "old", "token-of-yesterday")
    with pytest.raises(Unauthorized):
        found(Live(empty.server, connect(None, str(kubeconfig)), kubeconfig))


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1", 1.0),
        ("500m", 0.5),
        ("2Gi", 2.0**31),
        ("1e3", 1000.0),
        ("0.5", 0.5),
        (2, 2.0),
        ("1.5Ti", 1.5 * 2**40),
        ("12E", 12e18),
        ("", None),
        ("Gi", None),
        ("1 Gi", None),
        ("1e999999", None),
        (None, None),
        (True, None),
        ([], None),
    ],
)
def test_amounts_are_read_as_kubernetes_reads_them(text: object, amount: float | None) -> None:
    assert quantity(text) == amount


def test_the_controllers_of_both_classes_are_known(empty: Live) -> None:
    remove(empty, "apps/v1", "Deployment", "kafka-controller", "knative-eventing")
    spec = platform('{broker: {class: Kafka, url: "http://kafka"}}')
    assert [d.code for d in found(empty, spec)] == ["OFC665"]
    empty.cluster.apply(deployment("kafka-controller", "knative-eventing"))
    assert found(empty, spec) == ()
