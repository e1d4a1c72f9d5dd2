"""What each concern makes, whole."""

from __future__ import annotations

from typing import Any

import yaml

from omniforce.compiler.ir.program import Permission, Program
from omniforce.spec.blocks.deployment import ScaleTo
from omniforce.spec.blocks.platform import Images, Kubernetes, Models, Network, SecretRef
from omniforce.spec.blocks.search import Resources, StrategyChoice
from omniforce.targets.platforms.kubernetes.access import access
from omniforce.targets.platforms.kubernetes.objects import Tree
from omniforce.targets.platforms.kubernetes.serving import serving
from omniforce.targets.platforms.kubernetes.storage import storage
from omniforce.targets.platforms.kubernetes.target import KubernetesTarget
from omniforce.targets.platforms.kubernetes.tick import tick
from omniforce.targets.platforms.kubernetes.trials import trials
from tests.support import programs


def _read(text: str) -> Any:
    return yaml.safe_load(text)


def _labels(component: str) -> dict[str, str]:
    return {
        "app.kubernetes.io/name": "digits-edge",
        "app.kubernetes.io/instance": "digits-edge",
        "app.kubernetes.io/version": "ab" * 6,
        "app.kubernetes.io/component": component,
        "app.kubernetes.io/part-of": "omniforce",
        "app.kubernetes.io/managed-by": "ofc",
    }


def _annotations(wave: str) -> dict[str, str]:
    return {
        "omniforce.dev/spec-digest": programs.DIGEST,
        "argocd.argoproj.io/sync-wave": wave,
    }


def _written(program: Program, path: str) -> str:
    (text,) = [f.text for f in KubernetesTarget().emit(program) if f.path == path]
    return text


def _specs(objects: tuple[Tree, ...]) -> list[Any]:
    return [o["spec"] for o in objects]


def test_a_file_of_a_function_as_people_read_it() -> None:
    program = programs.program(
        search=programs.search(strategy=StrategyChoice("sobol")),
        labels=(("team", "vision"),),
    )
    names = [f.path for f in KubernetesTarget().emit(program)]
    (config,) = [n[13:-5] for n in names if n.startswith("10-configmap-digits-edge-study")]
    assert (
        _written(program, "30-service-digits-edge-search.yaml")
        == f"""\
apiVersion: serving.knative.dev/v1
kind: Service
metadata:
  name: digits-edge-search
  namespace: ofc-digits-edge
  labels:
    team: vision
    app.kubernetes.io/name: digits-edge
    app.kubernetes.io/instance: digits-edge
    app.kubernetes.io/version: abababababab
    app.kubernetes.io/component: search
    app.kubernetes.io/part-of: omniforce
    app.kubernetes.io/managed-by: ofc
    networking.knative.dev/visibility: cluster-local
    function.knative.dev/name: digits-edge-search
    function.knative.dev/runtime: python
  annotations:
    omniforce.dev/spec-digest: {programs.DIGEST}
    argocd.argoproj.io/sync-wave: '0'
spec:
  template:
    metadata:
      labels:
        team: vision
        app.kubernetes.io/instance: digits-edge
        app.kubernetes.io/component: search
      annotations:
        autoscaling.knative.dev/class: kpa.autoscaling.knative.dev
        autoscaling.knative.dev/metric: concurrency
        autoscaling.knative.dev/min-scale: '0'
        autoscaling.knative.dev/max-scale: '1'
        autoscaling.knative.dev/window: 30s
    spec:
      serviceAccountName: digits-edge-search
      automountServiceAccountToken: false
      enableServiceLinks: false
      containerConcurrency: 1
      timeoutSeconds: 300
      containers:
      - name: user-container
        image: localhost:5000/omniforce/functions:0.1.0
        command:
        - python
        - '-m'
        - omniforce.runtime.app
        ports:
        - containerPort: 8080
          name: http1
        env:
        - name: OFC_FUNCTION
          value: search
        - name: OFC_STUDY
          value: digits-edge
        - name: OFC_NAMESPACE
          value: ofc-digits-edge
        - name: OFC_BROKER
          value: http://broker-ingress.knative-eventing.svc.cluster.local/ofc-digits-edge/digits-edge
        - name: OFC_STORE_URL
          valueFrom:
            secretKeyRef:
              name: ofc-store
              key: url
        - name: HOME
          value: /tmp
        - name: OMP_NUM_THREADS
          value: '1'
        - name: PYTHONDONTWRITEBYTECODE
          value: '1'
        volumeMounts:
        - name: study
          mountPath: /etc/ofc
          readOnly: true
        - name: tmp
          mountPath: /tmp
        readinessProbe:
          httpGet:
            path: /health/readiness
        livenessProbe:
          httpGet:
            path: /health/liveness
          periodSeconds: 10
          timeoutSeconds: 5
          failureThreshold: 6
        resources:
          requests:
            cpu: 500m
            memory: 512Mi
          limits:
            cpu: 500m
            memory: 512Mi
        securityContext:
          allowPrivilegeEscalation: false
          capabilities:
            drop:
            - ALL
          readOnlyRootFilesystem: true
          runAsNonRoot: true
          runAsUser: 65532
          seccompProfile:
            type: RuntimeDefault
      volumes:
      - name: study
        configMap:
          name: {config}
      - name: tmp
        emptyDir: {{}}
"""
    )


def test_a_strategy_that_fits_models_thinks_in_the_full_image() -> None:
    images = Images(functions="example.com/slim:1", trial="example.com/full:1")
    slim = programs.search(strategy=StrategyChoice("random"))
    used = {}
    for search in (slim, programs.search(strategy=StrategyChoice("bayesian"))):
        program = programs.program(search=search, kubernetes=Kubernetes(images=images))
        for function in ("search", "dispatch", "deadletter"):
            spec = _read(_written(program, f"30-service-digits-edge-{function}.yaml"))["spec"]
            (container,) = spec["template"]["spec"]["containers"]
            used[search.strategy.name, function] = (
                container["image"],
                container["resources"]["limits"]["memory"],
            )
    assert used == {
        ("random", "search"): ("example.com/slim:1", "512Mi"),
        ("random", "dispatch"): ("example.com/slim:1", "256Mi"),
        ("random", "deadletter"): ("example.com/slim:1", "256Mi"),
        ("bayesian", "search"): ("example.com/full:1", "2Gi"),
        ("bayesian", "dispatch"): ("example.com/slim:1", "256Mi"),
        ("bayesian", "deadletter"): ("example.com/slim:1", "256Mi"),
    }


def test_a_trial_is_a_job_with_the_study_the_volume_and_a_writable_tmp() -> None:
    search = programs.search(
        timeout=90.5, retries=2, resources=Resources(cpu=2.5, memory=3 * 2**29)
    )
    kubernetes = Kubernetes(store=SecretRef("db", "dsn"), models=Models(claim="shared"))
    program = programs.program(search=search, kubernetes=kubernetes)
    assert _specs(trials(program, "study-1")) == [
        _read(
            """
job:
  metadata:
    labels: {app.kubernetes.io/instance: digits-edge, app.kubernetes.io/component: tte}
  spec:
    backoffLimit: 2
    completions: 1
    parallelism: 1
    activeDeadlineSeconds: 1173
    ttlSecondsAfterFinished: 86400
    podFailurePolicy:
      rules:
      - action: Ignore
        onPodConditions: [{type: DisruptionTarget, status: 'True'}]
      - action: FailJob
        onExitCodes: {containerName: trial, operator: In, values: [64]}
    template:
      metadata:
        labels: {app.kubernetes.io/instance: digits-edge, app.kubernetes.io/component: tte}
        annotations: {sidecar.istio.io/inject: 'false'}
      spec:
        serviceAccountName: digits-edge-trial
        automountServiceAccountToken: false
        enableServiceLinks: false
        restartPolicy: Never
        securityContext:
          runAsNonRoot: true
          runAsUser: 65532
          fsGroup: 65532
          fsGroupChangePolicy: OnRootMismatch
          seccompProfile: {type: RuntimeDefault}
        containers:
        - name: trial
          image: localhost:5000/omniforce/full:0.1.0
          command: [python, -m, omniforce.runtime.trial.job]
          env:
          - {name: OFC_FUNCTION, value: trial}
          - {name: OFC_STUDY, value: digits-edge}
          - {name: OFC_NAMESPACE, value: ofc-digits-edge}
          - name: OFC_BROKER
            value: http://broker-ingress.knative-eventing.svc.cluster.local/ofc-digits-edge/digits-edge
          - {name: OFC_STORE_URL, valueFrom: {secretKeyRef: {name: db, key: dsn}}}
          - {name: HOME, value: /tmp}
          - {name: OMP_NUM_THREADS, value: '2'}
          - {name: PYTHONDONTWRITEBYTECODE, value: '1'}
          - {name: OFC_DATA, value: /var/lib/ofc/data}
          volumeMounts:
          - {name: study, mountPath: /etc/ofc, readOnly: true}
          - {name: data, mountPath: /var/lib/ofc}
          - {name: tmp, mountPath: /tmp}
          resources:
            requests: {cpu: 2500m, memory: 1536Mi}
            limits: {cpu: 2500m, memory: 1536Mi}
          securityContext:
            allowPrivilegeEscalation: false
            capabilities: {drop: [ALL]}
            readOnlyRootFilesystem: true
            runAsNonRoot: true
            runAsUser: 65532
            seccompProfile: {type: RuntimeDefault}
        volumes:
        - {name: study, configMap: {name: study-1}}
        - {name: data, persistentVolumeClaim: {claimName: shared}}
        - {name: tmp, emptyDir: {}}
"""
        )
    ]


def test_a_server_that_sleeps_with_a_canary_and_a_logger() -> None:
    (server,) = serving(programs.program())
    assert server == {
        "apiVersion": "serving.kserve.io/v1beta1",
        "kind": "InferenceService",
        "metadata": {
            "name": "digits-edge",
            "namespace": "ofc-digits-edge",
            "labels": _labels("serving"),
            "annotations": {"serving.kserve.io/deploymentMode": "Knative"} | _annotations("2"),
        },
        "spec": _read(
            """
predictor:
  minReplicas: 0
  maxReplicas: 4
  scaleMetric: concurrency
  scaleTarget: 8
  containerConcurrency: 8
  canaryTrafficPercent: 10
  serviceAccountName: digits-edge-serving
  automountServiceAccountToken: false
  timeout: 60
  logger:
    mode: all
    url: http://broker-ingress.knative-eventing.svc.cluster.local/ofc-digits-edge/digits-edge
  model:
    modelFormat: {name: onnx, version: '1'}
    protocolVersion: v2
    runtime: kserve-tritonserver
    storageUri: pvc://digits-edge-data/models/abababababab
    readinessProbe:
      httpGet: {path: /v2/models/digits-edge/ready}
      periodSeconds: 5
      failureThreshold: 3
    resources:
      requests: {cpu: '1', memory: 2Gi}
      limits: {cpu: '1', memory: 2Gi}
    securityContext:
      allowPrivilegeEscalation: false
      capabilities: {drop: [ALL]}
      runAsNonRoot: true
      runAsUser: 1000
      seccompProfile: {type: RuntimeDefault}
"""
        ),
    }


def test_a_server_in_standard_mode_has_a_name_and_security_on_the_pod_too() -> None:
    serve = programs.serve(mode="Standard", scale=ScaleTo(min=1, max=3), rollout=None, logged=False)
    (server,) = serving(programs.program(serve=serve))
    metadata, spec = server["metadata"], server["spec"]
    assert isinstance(metadata, dict)
    assert isinstance(spec, dict)
    assert metadata["annotations"] == {
        "serving.kserve.io/deploymentMode": "Standard",
        "serving.kserve.io/autoscalerClass": "hpa",
    } | _annotations("2")
    predictor = dict(spec["predictor"])
    model = predictor.pop("model")
    assert predictor == {
        "name": "v-abababababab",
        "minReplicas": 1,
        "maxReplicas": 3,
        "scaleMetric": "cpu",
        "scaleTarget": 80,
        "serviceAccountName": "digits-edge-serving",
        "automountServiceAccountToken": False,
        "timeout": 60,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": 1000,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
    }
    assert model["readinessProbe"]["httpGet"] == {
        "path": "/v2/models/digits-edge/ready",
        "port": 8080,
    }


def test_a_study_without_a_deployment_has_no_server_and_nobody_to_run_it() -> None:
    program = programs.program(serve=None)
    kinds = [(o["kind"], o["metadata"]["name"]) for o in _all(program)]
    assert "InferenceService" not in [kind for kind, _ in kinds]
    assert ("ServiceAccount", "digits-edge-serving") not in kinds
    assert ("Role", "digits-edge-pipeline") not in kinds


def _all(program: Program) -> list[Any]:
    files = KubernetesTarget().emit(program)
    return [_read(f.text) for f in files if f.path != "kustomization.yaml"]


def test_roles_are_what_the_steps_may_do_and_create_has_no_names() -> None:
    permission = Permission("ray.io", "rayjobs", ("get", "create", "delete", "list"), ("one",))
    search = programs.search(permissions=(permission, permission))
    made = access(programs.program(search=search, serve=None))
    assert [
        (o["kind"], o["metadata"]["name"]) for o in made if isinstance(o["metadata"], dict)
    ] == [
        ("ServiceAccount", "digits-edge-search"),
        ("ServiceAccount", "digits-edge-dispatch"),
        ("ServiceAccount", "digits-edge-deadletter"),
        ("ServiceAccount", "digits-edge-trial"),
        ("ServiceAccount", "digits-edge-pipeline"),
        ("Role", "digits-edge-dispatch"),
        ("RoleBinding", "digits-edge-dispatch"),
    ]
    role, binding = made[-2:]
    assert role["rules"] == [
        {
            "apiGroups": ["ray.io"],
            "resources": ["rayjobs"],
            "resourceNames": ["one"],
            "verbs": ["get", "delete"],
        },
        {"apiGroups": ["ray.io"], "resources": ["rayjobs"], "verbs": ["create", "list"]},
    ]
    assert binding == {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "RoleBinding",
        "metadata": {
            "name": "digits-edge-dispatch",
            "namespace": "ofc-digits-edge",
            "labels": _labels("worker"),
            "annotations": _annotations("-2"),
        },
        "roleRef": {
            "apiGroup": "rbac.authorization.k8s.io",
            "kind": "Role",
            "name": "digits-edge-dispatch",
        },
        "subjects": [
            {
                "kind": "ServiceAccount",
                "name": "digits-edge-dispatch",
                "namespace": "ofc-digits-edge",
            }
        ],
    }


def test_a_claim_is_made_unless_the_writer_has_one() -> None:
    models = Models(size=5 * 2**30, access="ReadWriteMany", storage_class="fast")
    program = programs.program(kubernetes=Kubernetes(models=models))
    assert _specs(storage(program)) == [
        {
            "accessModes": ["ReadWriteMany"],
            "storageClassName": "fast",
            "resources": {"requests": {"storage": "5Gi"}},
        }
    ]
    assert storage(programs.program(kubernetes=Kubernetes(models=Models(claim="mine")))) == ()


def test_the_tick_that_dispatch_makes() -> None:
    made = tick(programs.program())
    assert made["spec"] == {
        "schedule": "*/5 * * * *",
        "contentType": "application/json",
        "data": '{"study": "digits-edge", "source": "/studies/digits-edge"}',
        "sink": {
            "ref": {
                "apiVersion": "eventing.knative.dev/v1",
                "kind": "Broker",
                "name": "digits-edge",
                "namespace": "ofc-digits-edge",
            }
        },
    }


def test_the_settings_of_the_network_are_the_writers() -> None:
    network = Network(("istio-system",), "events", "kfp", "10.0.0.7/32", 6432)
    text = "".join(
        f.text
        for f in KubernetesTarget().emit(programs.program(kubernetes=Kubernetes(network=network)))
        if "networkpolicy" in f.path
    )
    for word in ("istio-system", "events", "kfp", "10.0.0.7/32", "port: 6432"):
        assert word in text
    for word in ("kourier-system", "knative-eventing", "kubeflow", "0.0.0.0/0", "port: 5432"):
        assert word not in text


def test_the_kustomization_lists_every_other_file() -> None:
    made = KubernetesTarget().emit(programs.program())
    assert _read(made[-1].text) == {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": sorted(f.path for f in made[:-1]),
    }
