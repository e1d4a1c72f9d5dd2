"""InferenceServices: accepted, and then never Ready."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from .fault import Fault, fault
from .knative import AUTOSCALING
from .look import Document, is_a, items, look, name_of, number, text, tree
from .pods import check_container

MODES = ("Knative", "Standard")
MODE = "serving.kserve.io/deploymentMode"
FORMATS = {
    "sklearn": ("1",),
    "xgboost": ("2",),
    "lightgbm": ("4",),
    "mlflow": ("1", "2"),
    "pmml": ("3", "4"),
    "paddle": ("2",),
    "tensorflow": ("1", "2"),
    "pytorch": ("1",),
    "onnx": ("1",),
    "tensorrt": ("8",),
    "triton": ("2",),
    "openvino": ("1",),
    "huggingface": ("1",),
    "vLLM": ("1",),
    "autogluon": ("1",),
}
"""The formats that KServe's own runtimes serve, with their versions."""
RUNTIMES = frozenset(
    f"kserve-{name}"
    for name in (
        "sklearnserver",
        "xgbserver",
        "lgbserver",
        "mlserver",
        "pmmlserver",
        "paddleserver",
        "tensorflow-serving",
        "torchserve",
        "tritonserver",
        "huggingfaceserver",
        "predictiveserver",
        "autogluonserver",
        "openvino",
    )
)
PROTOCOLS = ("v1", "v2", "grpc-v1", "grpc-v2")
OLD_KEYS = (
    "sklearn",
    "xgboost",
    "tensorflow",
    "pytorch",
    "triton",
    "onnx",
    "huggingface",
    "pmml",
    "lightgbm",
    "paddle",
)
STORAGE = re.compile(
    r"(gs|s3|https?|hdfs|webhdfs|hf|oci|oci\+native)://[^/\s]+\S*|pvc://[a-z0-9][-a-z0-9.]*(/\S+)?"
    r"|file:///\S+"
)
LONGEST_NAME = 40
LONGEST_TIMEOUT = 600


def check_inference_service(document: Document, documents: Sequence[Document]) -> Iterator[Fault]:
    """Everything about one InferenceService."""
    if not is_a(document, "serving.kserve.io", "InferenceService"):
        return
    if len(name_of(document)) > LONGEST_NAME:
        yield fault(
            document,
            "metadata.name",
            f"the name has {len(name_of(document))} characters, what is made for it needs more",
            f"keep it at {LONGEST_NAME} characters or fewer",
        )
    mode = text(document, "metadata", "annotations", MODE)
    if mode not in MODES:
        yield fault(
            document,
            f"metadata.annotations.{MODE}",
            f"`{mode}` is no deployment mode" if mode else "no deployment mode is written",
            "write `Knative` or `Standard`",
        )
    predictor = tree(document, "spec", "predictor")
    if mode != "Standard":
        yield from _knative(document, predictor)
    else:
        yield from _standard(document, predictor)
    yield from _predictor(document, predictor)
    yield from _explainer(document)


def _knative(document: Document, predictor: Document) -> Iterator[Fault]:
    for field in ("securityContext", "nodeSelector", "tolerations", "affinity", "initContainers"):
        if look(predictor, field) is not None:
            yield fault(
                document,
                f"spec.predictor.{field}",
                f"Knative refuses `{field}` of a pod, so the service is never Ready",
                "put the security context on the container; for nodes use `Standard`",
            )
    timeout = number(predictor, "timeout")
    if timeout is not None and timeout > LONGEST_TIMEOUT:
        yield fault(
            document,
            "spec.predictor.timeout",
            f"{timeout:g} s is more than a cluster allows by default",
            f"write at most {LONGEST_TIMEOUT}",
        )


def _standard(document: Document, predictor: Document) -> Iterator[Fault]:
    annotations = tree(document, "metadata", "annotations")
    scaler = annotations.get("serving.kserve.io/autoscalerClass", "hpa")
    if scaler == "hpa" and number(predictor, "minReplicas") == 0:
        yield fault(
            document,
            "spec.predictor.minReplicas",
            "a Deployment with `hpa` never goes to zero",
            "write `minReplicas: 1`, or the autoscaler class `keda`",
        )
    if look(predictor, "canaryTrafficPercent") is not None:
        yield fault(
            document,
            "spec.predictor.canaryTrafficPercent",
            "in `Standard` mode it is ignored",
            "write `spec.canary`",
        )
    if look(document, "spec", "canary") and not text(predictor, "name"):
        yield fault(
            document,
            "spec.predictor.name",
            "beside a canary the stable predictor needs a name",
            "add `name: v1`",
        )
    for name in annotations:
        if name.startswith(AUTOSCALING):
            yield fault(
                document,
                f"metadata.annotations.{name}",
                "in `Standard` mode nothing reads Knative's annotations",
                "remove it",
            )


def _predictor(document: Document, predictor: Document) -> Iterator[Fault]:
    path = "spec.predictor"
    for key in OLD_KEYS:
        if look(predictor, key) is not None:
            yield fault(
                document,
                f"{path}.{key}",
                f"`{key}` is the old form, which the webhook rewrites",
                f"write `model: {{modelFormat: {{name: {key}}}}}`",
            )
    canary = number(predictor, "canaryTrafficPercent")
    if canary is not None and not 0 <= canary <= 100:
        yield fault(document, f"{path}.canaryTrafficPercent", f"{canary:g} %", "write 0 to 100")
    target = number(predictor, "scaleTarget")
    if target is not None and target < 1:
        yield fault(document, f"{path}.scaleTarget", f"a target of {target:g}", "write at least 1")
    if look(predictor, "logger") is not None and not text(predictor, "logger", "url"):
        yield fault(document, f"{path}.logger.url", "the logger has nowhere to send", "add `url`")
    if look(predictor, "model") is not None:
        yield from _model(document, tree(predictor, "model"), predictor)


def _model(document: Document, model: Document, predictor: Document) -> Iterator[Fault]:
    path = "spec.predictor.model"
    name, version = text(model, "modelFormat", "name"), text(model, "modelFormat", "version")
    if name not in FORMATS:
        yield fault(
            document,
            f"{path}.modelFormat.name",
            f"no runtime serves the format `{name}`" if name else "no model format is written",
            f"write one of {', '.join(FORMATS)}",
        )
    elif version not in FORMATS[name]:
        yield fault(
            document,
            f"{path}.modelFormat.version",
            f"`{version}` is no version of `{name}`" if version else "no version is written",
            f"write {' or '.join(repr(v) for v in FORMATS[name])}",
        )
    runtime = text(model, "runtime")
    if runtime.startswith("kserve-") and runtime not in RUNTIMES:
        yield fault(
            document,
            f"{path}.runtime",
            f"KServe ships no runtime `{runtime}`",
            f"write one of {', '.join(sorted(RUNTIMES))}",
        )
    protocol = look(model, "protocolVersion")
    if protocol is not None and protocol not in PROTOCOLS:
        yield fault(
            document,
            f"{path}.protocolVersion",
            f"no server speaks `{protocol}`",
            f"write one of {', '.join(PROTOCOLS)}",
        )
    yield from _storage(document, model, path)
    yield from _gpus(document, model, path)
    yield from check_container(document, model, predictor, path)


def _storage(document: Document, model: Document, path: str) -> Iterator[Fault]:
    uri = look(model, "storageUri")
    if uri is not None and not (isinstance(uri, str) and STORAGE.fullmatch(uri)):
        yield fault(
            document,
            f"{path}.storageUri",
            f"`{uri}` is no address that the storage initializer reads",
            "write pvc://<claim>/<path>, s3://, gs://, https://, hf:// or oci://",
        )
    if uri is not None and look(model, "storage") is not None:
        yield fault(
            document, f"{path}.storage", "`storageUri` and `storage` contradict", "write one"
        )


def _gpus(document: Document, model: Document, path: str) -> Iterator[Fault]:
    requests, limits = tree(model, "resources", "requests"), tree(model, "resources", "limits")
    for name in {*requests, *limits}:
        extended = "/" in name
        if extended and name in requests and requests.get(name) != limits.get(name):
            yield fault(
                document,
                f"{path}.resources.requests.{name}",
                "a device's request and limit differ",
                "write the same number in both",
            )
        elif extended and name not in requests:
            yield fault(
                document,
                f"{path}.resources.requests.{name}",
                "a device is limited, but not requested",
                "write the same number in both",
            )


def _explainer(document: Document) -> Iterator[Fault]:
    for container in items(document, "spec", "explainer", "containers"):
        if text(container, "name") != "kserve-container":
            yield fault(
                document,
                "spec.explainer.containers.name",
                f"the container is called `{text(container, 'name')}`, so nothing is sent to it",
                "write `name: kserve-container`",
            )
