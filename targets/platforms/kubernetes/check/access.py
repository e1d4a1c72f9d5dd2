"""Roles that grant nothing, and identities that do not exist."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .fault import Fault, fault
from .look import Document, is_a, items, look, name_of, namespace_of, of, text

VERBS = frozenset(
    (
        "get",
        "list",
        "watch",
        "create",
        "update",
        "patch",
        "delete",
        "deletecollection",
        "use",
        "bind",
        "escalate",
        "impersonate",
        "approve",
        "sign",
        "*",
    )
)
POD_PATHS = (
    ("spec", "template", "spec"),
    ("spec", "job", "spec", "template", "spec"),
    ("spec", "predictor"),
)


def check_role(document: Document, documents: Sequence[Document]) -> Iterator[Fault]:
    """A verb that no request has."""
    if not is_a(document, "rbac.authorization.k8s.io", "Role"):
        return
    for rule in items(document, "rules"):
        verbs = look(rule, "verbs")
        for verb in verbs if isinstance(verbs, list | tuple) else ():
            if verb not in VERBS:
                yield fault(
                    document,
                    "rules.verbs",
                    f"no request has the verb `{verb}`, so the rule grants nothing",
                    "write get, list, watch, create, update, patch or delete",
                )


def check_service_accounts(document: Document, documents: Sequence[Document]) -> Iterator[Fault]:
    """A pod whose identity, or whose study, is not among the documents."""
    accounts = {
        name_of(a)
        for a in of(documents, "", "ServiceAccount")
        if namespace_of(a) == namespace_of(document)
    }
    for path in POD_PATHS:
        pod = look(document, *path)
        account = text(pod, "serviceAccountName")
        if account and account not in accounts:
            yield fault(
                document,
                f"{'.'.join(path)}.serviceAccountName",
                f"there is no ServiceAccount `{account}` among these documents",
                "add it, or name one of them",
            )
        if pod is not None and not account and is_a(document, "sinks.knative.dev", "JobSink"):
            yield fault(
                document,
                f"{'.'.join(path)}.serviceAccountName",
                "the pod runs as the namespace's default identity",
                "name a ServiceAccount of its own",
            )
