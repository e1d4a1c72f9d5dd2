"""How a study stands on a cluster: its blocks, their objects, conditions and last events."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, Literal

from omniforce.compiler.ir.program import Program
from omniforce.spec.frozen import dataclass
from omniforce.spec.source import Span

from ..check.look import items, look, text
from ..names import namespace_of, tick_name
from ..objects import Tree
from ..target import objects
from .applying.ready import state_of
from .client.together import together
from .cluster import Cluster, Missing, Reference, reference_of
from .happened import Happened, by_object

Word = Literal["ready", "suspended", "progressing", "failed", "missing"]

WORST: Final[tuple[Word, ...]] = ("failed", "missing", "progressing", "suspended", "ready")
"""Of several, the first of these that is among them says how all stand."""

_ACCESS: Final = frozenset({"ServiceAccount", "Role", "RoleBinding", "NetworkPolicy"})
_PLATFORM: Final = "spec.platform.kubernetes"
_BLOCKS: Final = {
    "Namespace": _PLATFORM,
    "PersistentVolumeClaim": f"{_PLATFORM}.models",
    "Broker": "spec.search",
    "Service": "spec.search",
    "Trigger": "spec.search",
    "ConfigMap": "spec.search",
    "JobSink": "spec.search.trial",
    "InferenceService": "spec.deployment",
    "InferenceGraph": "spec.deployment",
}
"""The block of the spec that asks for the objects of a kind."""

BLOCKS: Final = (
    "spec.data",
    "spec.algorithm",
    "spec.search",
    "spec.search.trial",
    "spec.deployment",
    f"{_PLATFORM}.models",
    _PLATFORM,
)
"""All blocks that have objects, in the order of a spec."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition of an object, as its controller wrote it."""

    type: str
    status: str
    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class Stands:
    """One object.

    Attributes:
        why: what is not as it should be.
        url: where it answers, if it does.
    """

    reference: Reference
    word: Word
    why: str
    conditions: tuple[Condition, ...]
    events: tuple[Happened, ...]
    url: str = ""


@dataclass(frozen=True, slots=True)
class BlockStands:
    """The objects of a block of the spec.

    Attributes:
        span: where the spec has it; None where the spec is not at hand or does not say it.
    """

    path: str
    span: Span | None
    objects: tuple[Stands, ...]

    @property
    def word(self) -> Word:
        """How all of it stands."""
        return worst(o.word for o in self.objects)


@dataclass(frozen=True, slots=True)
class Trials:
    """The Jobs of trials that are still there."""

    active: int
    succeeded: int
    failed: int


@dataclass(frozen=True, slots=True)
class Standing:
    """A study on a cluster.

    Attributes:
        digest: of the spec that was applied.
        searching: whether the tick is there, which it is while the search runs.
        behind: whether the spec at hand is another one than what was applied.
    """

    study: str
    namespace: str
    cluster: str
    digest: str
    searching: bool
    trials: Trials
    blocks: tuple[BlockStands, ...]
    behind: bool = False

    @property
    def word(self) -> Word:
        """How the study stands."""
        return worst(b.word for b in self.blocks)


def worst(words: Iterable[Word]) -> Word:
    """Of several objects, how all stand."""
    seen = set(words)
    for word in WORST:
        if word in seen:
            return word
    return "ready"


def standing(cluster: Cluster, program: Program, places: Program | None = None) -> Standing:
    """Looks at every object of a program.

    Args:
        cluster: where it was applied.
        program: what was applied.
        places: the program of the spec at hand, whose places are shown.

    Raises:
        ClusterFault: the cluster does not answer, or the identity may not look.
    """
    namespace = namespace_of(program)
    references = tuple(reference_of(tree) for tree in objects(program))

    def get(reference: Reference) -> Tree | None:
        try:
            return cluster.get(reference)
        except Missing:
            return None

    live = together(get, references)
    happened = by_object(_list(cluster, "v1", "Event", namespace), references)
    tick = Reference("sources.knative.dev/v1", "PingSource", namespace, tick_name(program))
    searching = get(tick) is not None
    each = [
        _stands(reference, tree, happened.get(reference, ()), searching)
        for reference, tree in zip(references, live, strict=True)
    ]
    spans = dict(places.places) if places is not None else {}
    blocks = (
        BlockStands(path, spans.get(path), found)
        for path in BLOCKS
        if (found := tuple(o for o in each if block_of(o.reference, program) == path))
    )
    return Standing(
        program.name,
        namespace,
        cluster.name,
        program.digest,
        searching,
        _trials(cluster, program, namespace),
        tuple(blocks),
        places is not None and places.digest != program.digest,
    )


def block_of(reference: Reference, program: Program) -> str:
    """The block of the spec that an object comes from."""
    if reference.kind in _ACCESS:
        return _PLATFORM
    if reference.kind in ("Pipeline", "PipelineVersion"):
        before = reference.name.startswith(f"{program.name}-search")
        return "spec.data" if before else "spec.algorithm"
    return _BLOCKS.get(reference.kind, _PLATFORM)


def _stands(
    reference: Reference, tree: Tree | None, events: tuple[Happened, ...], searching: bool
) -> Stands:
    if tree is None:
        return Stands(reference, "missing", "it is not there", (), events)
    conditions = tuple(_conditions(tree))
    state = state_of(tree)
    word: Word = state.word
    why = state.why
    if any(c.type == "Stopped" and c.status == "True" for c in conditions):
        word, why = "suspended", "it was stopped on purpose"
    elif reference.kind == "InferenceService" and searching and word != "ready":
        # its server is ready once there is a model, which comes after the search
        word, why = "progressing", f"no model before the search is over: {why}"
    return Stands(reference, word, why, conditions, events, text(tree, "status", "url"))


def _conditions(tree: Tree) -> Iterator[Condition]:
    for each in items(tree, "status", "conditions"):
        said = (text(each, "type"), text(each, "status"), text(each, "reason"))
        yield Condition(*said, " ".join(text(each, "message").split()))


def _trials(cluster: Cluster, program: Program, namespace: str) -> Trials:
    labels = {
        "app.kubernetes.io/instance": program.name,
        "app.kubernetes.io/component": "tte",
    }
    jobs = _list(cluster, "batch/v1", "Job", namespace, labels)
    words = [_job(job) for job in jobs]
    return Trials(words.count("active"), words.count("succeeded"), words.count("failed"))


def _job(job: Tree) -> str:
    for each in items(job, "status", "conditions"):
        if text(each, "status") == "True" and text(each, "type") in ("Complete", "Failed"):
            return "succeeded" if text(each, "type") == "Complete" else "failed"
    return "active" if look(job, "metadata", "deletionTimestamp") is None else "gone"


def _list(
    cluster: Cluster,
    api_version: str,
    kind: str,
    namespace: str,
    labels: dict[str, str] | None = None,
) -> Sequence[Tree]:
    try:
        return cluster.list(api_version, kind, namespace, labels)
    except Missing:
        return ()
