"""Who may talk to whom: everything closed, then the ways that a study really uses."""

from __future__ import annotations

from typing import Final

from omniforce.compiler.ir.program import Program

from .access import permissions_of
from .names import function_name, named, service_name
from .objects import Component, Tree, make
from .steps import serve_of
from .training.placeholders import TRAINS_LABEL
from .training.table import training_kind

KNATIVE_PORTS: Final = (8012, 8013, 8112, 9090, 9091)
"""The queue-proxy: HTTP, HTTP/2, HTTPS, and the metrics that the autoscaler reads."""

BROKER_PORTS: Final = (8080, 8443)
"""Of the ingress pods and not of their Service: policies see pods."""

API_PORTS: Final = (443, 6443)

PIPELINE_PORTS: Final = (8080, 8333, 8887, 8888, 9000)
"""KFP's metadata store, object store (SeaweedFS or MinIO) and API by gRPC and HTTP, as pods."""

_NAMESPACE: Final = "kubernetes.io/metadata.name"
_PIPELINE_POD: Final = "workflows.argoproj.io/workflow"
_INGRESS_PODS: Final = {
    "MTChannelBasedBroker": {"eventing.knative.dev/brokerRole": "ingress"},
    "Kafka": {"app": "kafka-broker-receiver"},
}


def network(program: Program) -> tuple[Tree, ...]:
    """The NetworkPolicies."""
    policies = [
        _policy(program, "default-deny", "search", {}, ingress=(), egress=()),
        _knative(program),
        _study_pods(program),
    ]
    if permissions_of(program, "dispatch"):
        policies.append(_dispatch(program))
    kind = training_kind(program)
    if kind is not None:
        policies.append(_training(program, asks_api=kind.needs_api))
    policies.append(_pipeline(program))
    serve = serve_of(program)
    if serve is not None:
        policies += _server(
            program, standard=serve.mode == "Standard", logged=serve.logger != "none"
        )
    return tuple(policies)


def _knative(program: Program) -> Tree:
    """Functions and a server in Knative mode are asked by the activator and the gateways only."""
    return _policy(
        program,
        "knative-in",
        "search",
        {"matchExpressions": [{"key": "serving.knative.dev/service", "operator": "Exists"}]},
        ingress=({"from": _gateways(program), "ports": _ports(*KNATIVE_PORTS)},),
    )


def _study_pods(program: Program) -> Tree:
    """Functions and trials: names, the broker, the store. Trials of one pod need no other pod."""
    return _policy(
        program,
        "out",
        "search",
        {"matchLabels": {"app.kubernetes.io/instance": program.name}} | _EXCEPT_SERVING,
        egress=(_dns(), _broker(program), _store(program)),
    )


_EXCEPT_SERVING: Final[Tree] = {
    # KServe copies our labels onto its pods, and a model server has no business with the store
    "matchExpressions": [{"key": "serving.kserve.io/inferenceservice", "operator": "DoesNotExist"}]
}


def _dispatch(program: Program) -> Tree:
    """The API server, whose address differs from cluster to cluster, for dispatch alone."""
    name = function_name(program, "dispatch")
    return _policy(
        program,
        "dispatch-out",
        "worker",
        {"matchLabels": {"serving.knative.dev/service": name}},
        egress=({"ports": _ports(*API_PORTS)}, _pipelines(program)),
    )


def _training(program: Program, *, asks_api: bool) -> Tree:
    """Pods that train together speak to each other on any port.

    A policy cannot ask two pods for one value of a label, so that all trials of the study may.
    """
    pods: Tree = {
        "matchLabels": {"app.kubernetes.io/instance": program.name, TRAINS_LABEL: "nodes"}
    }
    peers: Tree = {"podSelector": pods}
    api: tuple[Tree, ...] = ({"ports": _ports(*API_PORTS)},) if asks_api else ()
    return _policy(
        program,
        "training",
        "tte",
        pods,
        ingress=({"from": [peers]},),
        egress=({"to": [peers]}, *api),
    )


def _pipeline(program: Program) -> Tree:
    """Steps of pipelines: KFP, and the API server for Argo's sidecar."""
    return _policy(
        program,
        "pipeline-out",
        "worker",
        {"matchExpressions": [{"key": _PIPELINE_POD, "operator": "Exists"}]},
        egress=(
            _dns(),
            _broker(program),
            _store(program),
            _pipelines(program),
            {"ports": _ports(*API_PORTS)},
        ),
    )


def _server(program: Program, *, standard: bool, logged: bool) -> list[Tree]:
    selector: Tree = {"matchLabels": {"serving.kserve.io/inferenceservice": service_name(program)}}
    way_in: Tree = {"from": _gateways(program), "ports": _ports(8080)}
    made = []
    if standard:
        made.append(_policy(program, "server-in", "serving", selector, ingress=(way_in,)))
    if logged:
        egress = (_dns(), _broker(program))
        made.append(_policy(program, "server-out", "serving", selector, egress=egress))
    return made


def smoke_test_policies(program: Program, pods: Tree, *, standard: bool) -> tuple[Tree, ...]:
    """What a pod that asks the model needs: names, and the way to the server.

    Args:
        program: complete.
        pods: a selector of the pods that ask.
        standard: whether the server is asked itself, and not through a gateway.
    """
    served: Tree = {"matchLabels": {"serving.kserve.io/inferenceservice": service_name(program)}}
    # a gateway's pods listen on ports of their own, which differ from mesh to mesh
    server: Tree = (
        {"to": [{"podSelector": served}], "ports": _ports(8080)}
        if standard
        else {"to": _gateways(program)}
    )
    out = _policy(program, "smoke-test-out", "serving", pods, egress=(_dns(), server))
    if not standard:
        return (out,)
    way_in: Tree = {"from": [{"podSelector": pods}], "ports": _ports(8080)}
    return (out, _policy(program, "smoke-test-in", "serving", served, ingress=(way_in,)))


def _policy(
    program: Program,
    name: str,
    component: Component,
    selector: Tree,
    *,
    ingress: tuple[Tree, ...] | None = None,
    egress: tuple[Tree, ...] | None = None,
) -> Tree:
    """A policy; an empty tuple closes that direction, None leaves it to other policies."""
    types = ["Ingress"] if ingress is not None else []
    types += ["Egress"] if egress is not None else []
    spec: Tree = {"podSelector": selector, "policyTypes": types}
    spec |= {"ingress": list(ingress)} if ingress else {}
    spec |= {"egress": list(egress)} if egress else {}
    return make(
        program,
        "networking.k8s.io/v1",
        "NetworkPolicy",
        named(program.name, name),
        component,
        spec=spec,
    )


def _ports(*numbers: int, protocol: str = "TCP") -> list[Tree]:
    return [{"port": number, "protocol": protocol} for number in numbers]


def _in_namespace(name: str, pods: Tree | None = None) -> Tree:
    peer: Tree = {"namespaceSelector": {"matchLabels": {_NAMESPACE: name}}}
    return peer | ({"podSelector": {"matchLabels": pods}} if pods else {})


def _gateways(program: Program) -> list[Tree]:
    return [_in_namespace(name) for name in program.platform.kubernetes.network.gateways]


def _dns() -> Tree:
    return {
        "to": [_in_namespace("kube-system", {"k8s-app": "kube-dns"})],
        "ports": _ports(53, protocol="UDP") + _ports(53),
    }


def _broker(program: Program) -> Tree:
    platform = program.platform.kubernetes
    pods: Tree = dict(_INGRESS_PODS[platform.broker.broker_class])
    return {
        "to": [_in_namespace(platform.network.eventing, pods)],
        "ports": _ports(*BROKER_PORTS),
    }


def _store(program: Program) -> Tree:
    settings = program.platform.kubernetes.network
    return {
        "to": [{"ipBlock": {"cidr": settings.store_cidr}}],
        "ports": _ports(settings.store_port),
    }


def _pipelines(program: Program) -> Tree:
    settings = program.platform.kubernetes.network
    return {"to": [_in_namespace(settings.pipelines)], "ports": _ports(*PIPELINE_PORTS)}
