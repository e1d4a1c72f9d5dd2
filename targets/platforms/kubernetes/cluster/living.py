"""The study that lives on a cluster: the program in its ConfigMap, as it was compiled."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator

from omniforce.compiler.errors import CompilerBug
from omniforce.compiler.ir.program import Program
from omniforce.spec.frozen import dataclass
from omniforce.spec.plain.values import MalformedPlain, from_plain

from ..check.look import items, name_of, text
from ..names import named, namespace_of
from ..objects import Tree
from ..target import objects
from .cluster import Cluster, Missing, Reference


@dataclass(frozen=True, slots=True)
class Living:
    """What of a study is there.

    Attributes:
        config: the name of its ConfigMap; empty where there is none.
        program: what it was compiled to; None where there is none, or where this version of ofc
            cannot read it, which `unreadable` says.
    """

    config: str = ""
    program: Program | None = None
    unreadable: str = ""


def living(cluster: Cluster, program: Program) -> Living:
    """The study of the same name in the same namespace, as its functions have it mounted."""
    return find(cluster, program.name, namespace_of(program))


def find(cluster: Cluster, study: str, namespace: str) -> Living:
    """The study of a name in a namespace."""
    try:
        found = cluster.list("v1", "ConfigMap", namespace)
    except Missing:
        return Living()
    studies = tuple(_studies(found, study))
    if not studies:
        return Living()
    mounted = _mounted(cluster, study, namespace)
    # without a function to ask, the newest: an apply broke off before the functions came
    newest = max(studies, key=lambda c: (text(c, "metadata", "creationTimestamp"), name_of(c)))
    return read(next((c for c in studies if name_of(c) == mounted), newest), study)


def read(config: Tree, study: str) -> Living:
    """What the ConfigMap of a study holds: whoever may write there may have written anything."""
    name = name_of(config)
    try:
        program = from_plain(Program, json.loads(text(config, "data", "study.json")))
        objects(program)
    except (CompilerBug, LookupError, MalformedPlain, RecursionError, TypeError, ValueError) as e:
        return Living(name, None, " ".join(str(e).split())[:200] or "it is no study")
    if program.name != study:
        return Living(name, None, f"it is the study `{program.name}`")
    return Living(name, program)


def _studies(found: Iterable[Tree], study: str) -> Iterator[Tree]:
    name = re.compile(re.escape(named(study, "study-")) + "[0-9a-f]{8}")
    for each in found:
        if name.fullmatch(name_of(each)) and text(each, "data", "study.json"):
            yield each


def _mounted(cluster: Cluster, study: str, namespace: str) -> str:
    name = named(study, "search")
    try:
        service = cluster.get(Reference("serving.knative.dev/v1", "Service", namespace, name))
    except Missing:
        return ""
    volumes = items(service, "spec", "template", "spec", "volumes")
    return next((n for v in volumes if (n := text(v, "configMap", "name"))), "")
