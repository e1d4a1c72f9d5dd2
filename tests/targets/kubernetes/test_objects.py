"""A trial, a volume, the tick, the network's settings and the kustomization."""

from __future__ import annotations

from typing import Any

import yaml

from omniforce.spec.blocks.platform import Kubernetes, Models, Network, SecretRef
from omniforce.spec.blocks.search import Resources
from omniforce.targets.platforms.kubernetes.objects import Tree
from omniforce.targets.platforms.kubernetes.storage import storage
from omniforce.targets.platforms.kubernetes.target import KubernetesTarget
from omniforce.targets.platforms.kubernetes.tick import tick
from omniforce.targets.platforms.kubernetes.trials import trials
from tests.support import programs


def _read(text: str) -> Any:
    return yaml.safe_load(text)


def _specs(objects: tuple[Tree, ...]) -> list[Any]:
    return [o["spec"] for o in objects]


def test_a_trial_is_a_job_with_the_study_the_volume_and_a_writable_tmp() -> None:
    search = programs.search(
        timeout=90.5, retries=2, resources=Resources(cpu=2.5, memory=3 * 2**29)
    )
    kubernetes = Kubernetes(store=SecretRef("db", "dsn"), models=Models(claim_name="shared"))
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
        terminationGracePeriodSeconds: 60
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
          - {name: OFC_GRACE_SECONDS, value: '60'}
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


def test_a_claim_is_made_unless_the_writer_has_one() -> None:
    models = Models(size=5 * 2**30, access_mode="ReadWriteMany", storage_class="fast")
    program = programs.program(kubernetes=Kubernetes(models=models))
    assert _specs(storage(program)) == [
        {
            "accessModes": ["ReadWriteMany"],
            "storageClassName": "fast",
            "resources": {"requests": {"storage": "5Gi"}},
        }
    ]
    assert storage(programs.program(kubernetes=Kubernetes(models=Models(claim_name="mine")))) == ()


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
