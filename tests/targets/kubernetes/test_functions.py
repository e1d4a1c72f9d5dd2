"""The functions as Knative Services."""

from __future__ import annotations

from typing import Any

import yaml

from omniforce.compiler.ir.program import Program
from omniforce.spec.blocks.platform import Images, Kubernetes
from omniforce.spec.blocks.search import StrategyChoice
from omniforce.targets.platforms.kubernetes.target import KubernetesTarget
from tests.support import programs


def _read(text: str) -> Any:
    return yaml.safe_load(text)


def _written(program: Program, path: str) -> str:
    (text,) = [f.text for f in KubernetesTarget().emit(program) if f.path == path]
    return text


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
