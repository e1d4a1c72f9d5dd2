"""A study on the cluster that KUBECONFIG points to, in a namespace of its own.

`make test-cluster` runs these. Whatever the cluster lacks, the tests that need it skip by name.

- `OFC_TEST_FUNCTIONS_IMAGE`, `OFC_TEST_TRIAL_IMAGE`: images that the cluster's nodes can pull;
  without them nothing is waited for that needs a running pod.
- `OFC_TEST_KEEP=1` leaves the namespace, for a look at it.
"""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from omniforce.compiler.ir.program import Program
from omniforce.targets.platforms.kubernetes.cluster.apply_set import applied_objects
from omniforce.targets.platforms.kubernetes.cluster.applying.apply import Applied, Apply
from omniforce.targets.platforms.kubernetes.cluster.client.client import KubernetesCluster
from omniforce.targets.platforms.kubernetes.cluster.client.identity import open_connection
from omniforce.targets.platforms.kubernetes.cluster.cluster import Reference, reference_of
from omniforce.targets.platforms.kubernetes.names import namespace_of
from tests.support.live import changed, compiled

Tree = dict[str, Any]

_UNVERIFIED = "urllib3.exceptions.InsecureRequestWarning"
IMAGES = ("OFC_TEST_FUNCTIONS_IMAGE", "OFC_TEST_TRIAL_IMAGE")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Never by accident: a KUBECONFIG that lies around may be of production."""
    why = _why_not(config)
    for item in items:
        if item.get_closest_marker("cluster") is None:
            continue
        if why:
            item.add_marker(pytest.mark.skip(reason=why))
        # a kubeconfig may say that the certificate is not looked at
        item.add_marker(pytest.mark.filterwarnings(f"ignore::{_UNVERIFIED}"))


def _why_not(config: pytest.Config) -> str:
    if "cluster" not in str(config.getoption("markexpr")):
        return "asks a real cluster: `make test-cluster` runs it"
    path = os.environ.get("KUBECONFIG")
    if not path:
        return "KUBECONFIG is not set: there is no cluster to ask"
    if not any(os.path.isfile(each) for each in path.split(os.pathsep)):
        return f"the file of KUBECONFIG, {path}, is not there"
    return ""


@dataclass
class OnCluster:
    """A study of this run, and what of it the cluster can have."""

    cluster: KubernetesCluster
    study: str
    left_out: list[str] = field(default_factory=list)

    def program(self, *replacements: tuple[str, str]) -> Program:
        """The example under a name of its own, with other words in the place of some."""
        named = ("  name: digits-edge", f"  name: {self.study}")
        return compiled(changed(named, *_images(), *replacements))[1]

    def objects(self, program: Program) -> tuple[Tree, ...]:
        """All objects of the kinds that the cluster serves."""
        trees = applied_objects(program)
        served = [t for t in trees if self.cluster.serves(str(t["apiVersion"]), str(t["kind"]))]
        self.left_out = sorted({str(t["kind"]) for t in trees} - {str(t["kind"]) for t in served})
        return tuple(served)

    def apply(self, program: Program, **more: Any) -> dict[str, list[Reference]]:
        """What became of each object, by what was done."""
        told = Told()
        Apply(program, self.objects(program), **more).run(self.cluster, told)
        return told.done

    def ensure(self) -> Program:
        """The study as it is at first, whatever an earlier test has left."""
        program = self.program()
        self.apply(program, force=True)
        return program

    @property
    def namespace(self) -> str:
        return namespace_of(self.program())

    def send(self, method: str, tree: Tree, manager: str = "somebody-else") -> Tree:
        """Another client applies a part of an object, by force."""
        reference = reference_of(tree)
        kind = self.cluster._kinds.get(reference.api_version, reference.kind)
        path = kind.path(reference.namespace, reference.name)
        query = {"fieldManager": manager, "force": "true"}
        content = "application/apply-patch+yaml"
        return self.cluster._connection.ask(method, path, query, tree, content)


class Told:
    """Sorts what is told by what was done."""

    def __init__(self) -> None:
        self.done: dict[str, list[Reference]] = {}

    def applied(self, applied: Applied, count: int, of: int) -> None:
        self.done.setdefault(applied.done, []).append(applied.reference)

    def removed(self, reference: Reference) -> None:
        self.done.setdefault("removed", []).append(reference)

    def stands(self, states: Any) -> None:
        return


def _images() -> Sequence[tuple[str, str]]:
    functions, trial = (os.environ.get(name, "") for name in IMAGES)
    if not (functions and trial):
        return ()
    block = (
        f"  platform:\n    kubernetes:\n      images: {{functions: {functions}, trial: {trial}}}"
    )
    return (("  algorithm:\n", f"{block}\n\n  algorithm:\n"),)


@pytest.fixture(scope="session")
def here() -> Iterator[OnCluster]:
    """The study of this run; its namespace goes at the end."""
    yield from _study()


@pytest.fixture
def fresh() -> Iterator[OnCluster]:
    """A study of which nothing is there, not even its namespace."""
    yield from _study()


def _study() -> Iterator[OnCluster]:
    cluster = KubernetesCluster(open_connection(None, None))
    made = OnCluster(cluster, f"test-{secrets.token_hex(3)}")
    yield made
    if not os.environ.get("OFC_TEST_KEEP"):
        cluster.delete(Reference("v1", "Namespace", None, made.namespace))


@pytest.fixture
def needs(here: OnCluster) -> Callable[..., None]:
    """Skips where the cluster does not serve a kind, and says which."""

    def needed(api_version: str, *kinds: str) -> None:
        missing = [k for k in kinds if not here.cluster.serves(api_version, k)]
        if missing:
            pytest.skip(f"the cluster does not serve {', '.join(missing)} of {api_version}")

    return needed


@pytest.fixture
def all_kinds(here: OnCluster) -> None:
    """Skips where the cluster lacks a kind of the whole study."""
    here.objects(here.program())
    if here.left_out:
        pytest.skip(f"the cluster does not serve {', '.join(here.left_out)}")


@pytest.fixture
def images() -> None:
    """Skips where no image is known that the nodes can pull."""
    missing = [name for name in IMAGES if not os.environ.get(name)]
    if missing:
        pytest.skip(f"no image to run: {' and '.join(missing)} not set")


def until(holds: Callable[[], bool], seconds: float) -> bool:
    """Whether something holds within so many seconds."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() >= end:
            return False
        time.sleep(0.5)
    return True
