"""The study of `examples/digits-edge` on a cluster in the test."""

from __future__ import annotations

import copy
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from omniforce.compiler.cli.composition import catalogue
from omniforce.compiler.ir.program import Program
from omniforce.compiler.pipeline import compile_study
from omniforce.spec.load import Loaded, load
from omniforce.spec.source import Source
from omniforce.targets.platforms.kubernetes.cluster.apply_set import (
    applied_objects,
    kinds_of,
    members,
    parent_tree,
)
from omniforce.targets.platforms.kubernetes.cluster.applying.prune import pruning
from omniforce.targets.platforms.kubernetes.cluster.client.client import connect
from omniforce.targets.platforms.kubernetes.cluster.cluster import Cluster
from omniforce.targets.platforms.kubernetes.cluster.planning.report import Report, make_report
from omniforce.targets.platforms.kubernetes.target import KubernetesTarget

from .api_server import ApiServer
from .api_server.store import Key, Stored
from .equipped import equip

SPEC = (Path(__file__).parents[2] / "examples" / "digits-edge" / "omniforce.yaml").read_text(
    encoding="utf-8"
)
NAMESPACE = "ofc-digits-edge"


def changed(*replacements: tuple[str, str], spec: str = SPEC) -> str:
    """A spec with other words in the place of some, each of which must be there once."""
    for old, new in replacements:
        assert spec.count(old) == 1, f"{old!r} is there {spec.count(old)} times"
        spec = spec.replace(old, new)
    return spec


def compiled(spec: str = SPEC) -> tuple[Loaded, Program]:
    """A spec as the compiler takes it."""
    loaded = load(Source("omniforce.yaml", spec))
    found = compile_study(loaded, catalogue(), KubernetesTarget())
    assert found.program is not None, [d.message for d in found.diagnostics]
    return loaded, found.program


@dataclass
class Live:
    """A cluster with all that a study needs."""

    server: ApiServer
    cluster: Cluster
    kubeconfig: Path

    def apply(self, program: Program) -> None:
        """Everything of it, in order, without a look back."""
        namespace, *others = applied_objects(program)
        for tree in (namespace, parent_tree(program, kinds_of(program)), *others):
            self.cluster.apply(tree)

    def report(self, spec: str = SPEC, **options: Any) -> Report:
        """What `ofc plan` says, with prune."""
        loaded, program = compiled(spec)
        objects = applied_objects(program)
        there = pruning(members(self.cluster, program), _references(objects)).goes
        options = {"check": False, "members": there, **options}
        return make_report(self.cluster, program, loaded.spans, **options)

    def edit(
        self, kind: str, name: str, patch: dict[str, Any], manager: str = "kubectl-edit"
    ) -> None:
        """Somebody changes an object by hand."""
        import json
        import urllib.request

        found = self.server.store.find(kind, NAMESPACE, name)
        assert found is not None, f"{kind}/{name} is not there"
        group = found.kind
        head = f"/apis/{group.group}" if group.group else "/api"
        path = f"{head}/{group.version}/namespaces/{NAMESPACE}/{group.plural}/{name}"
        request = urllib.request.Request(
            f"{self.server.address}{path}?fieldManager={manager}",
            data=json.dumps(patch).encode(),
            method="PATCH",
            headers={
                "Authorization": "Bearer token-of-admin",
                "Content-Type": "application/merge-patch+json",
            },
        )
        with urllib.request.urlopen(request) as answer:
            assert answer.status == 200


def _references(objects: Any) -> tuple[Any, ...]:
    from omniforce.targets.platforms.kubernetes.cluster.cluster import reference_of

    return tuple(map(reference_of, objects))


_KEPT: dict[bool, tuple[dict[Key, Stored], int]] = {}
"""What a server holds once it is made ready, so that each test need not wait for it anew."""


@contextmanager
def live(folder: Path, *, applied: bool = True) -> Generator[Live, None, None]:
    """A cluster, with the study on it or with only what the study needs."""
    with ApiServer() as server:
        kubeconfig = server.kubeconfig(folder / "kubeconfig")
        made = Live(server, connect(None, str(kubeconfig)), kubeconfig)
        if applied in _KEPT:
            _restore(server, *_KEPT[applied])
        else:
            _, program = compiled()
            equip(made.cluster, program)
            if applied:
                made.apply(program)
            with server.store.lock:
                _KEPT[applied] = copy.deepcopy(server.store.objects), server.store.version
        yield made


def _restore(server: ApiServer, objects: dict[Key, Stored], version: int) -> None:
    with server.store.lock:
        server.store.objects.update(copy.deepcopy(objects))
        server.store.version = server.store.oldest = version
    server.controllers.again()
