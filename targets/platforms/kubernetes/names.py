"""What the objects of a study are called: names that every controller can still add to."""

from __future__ import annotations

import hashlib
from typing import Final

from omniforce.compiler.ir.program import Program

LONGEST: Final = 63
"""A DNS-1035 label; Knative, the JobSink and Argo all add suffixes and cut what is too long."""

LONGEST_SERVICE: Final = 40
"""An InferenceService: `-predictor-00001-private` and the namespace follow in one label."""

NAMESPACE_KINDS: Final = frozenset({"Namespace"})
"""Kinds of ours that stand in no namespace."""

LABEL: Final = "abcdefghijklmnopqrstuvwxyz0123456789-"


def named(study: str, part: str, longest: int = LONGEST) -> str:
    """`<study>-<part>`, cut with a hash of the whole where it is too long.

    The study's name gives way and not the part, so that a list of objects stays readable.
    """
    whole = f"{study}-{part}" if part else study
    if len(whole) <= longest:
        return whole
    mark = hashlib.sha256(whole.encode()).hexdigest()[:8]
    tail = f"-{mark}-{part}" if part else f"-{mark}"
    if len(tail) >= longest:
        return f"{whole[: longest - 9].rstrip('-')}-{mark}"
    return f"{study[: longest - len(tail)].rstrip('-')}{tail}"


def is_label(name: str, longest: int = LONGEST) -> bool:
    """Whether `name` is a DNS-1035 label: starts with a letter, ends with none of the dashes."""
    return (
        0 < len(name) <= longest
        and set(name) <= set(LABEL)
        and name[0].isalpha()
        and not name.endswith("-")
    )


def namespace_of(program: Program) -> str:
    """The namespace of the study."""
    return program.platform.kubernetes.namespace or named("ofc", program.name)


def function_name(program: Program, function: str) -> str:
    """The Knative Service of a function."""
    return named(program.name, function)


def account_name(program: Program, identity: str) -> str:
    """The ServiceAccount of an identity."""
    return named(program.name, identity)


def broker_name(program: Program) -> str:
    """The Broker of the study's events."""
    return program.name


def tick_name(program: Program) -> str:
    """The PingSource that exists while the study runs."""
    return named(program.name, "tick")


def trial_name(program: Program) -> str:
    """The JobSink that makes a Job of a requested trial."""
    return named(program.name, "trial")


def service_name(program: Program) -> str:
    """The InferenceService."""
    return named(program.name, "", LONGEST_SERVICE)


def claim_name(program: Program) -> str:
    """The PVC of data and models: the writer's own, or ours."""
    return program.platform.kubernetes.models.claim_name or named(program.name, "data")


def content_name(program: Program, part: str, content: str) -> str:
    """A name that changes with the content, so that a revision never sees its file change."""
    return named(program.name, f"{part}-{hashlib.sha256(content.encode()).hexdigest()[:8]}")
