"""Who may do what: a ServiceAccount an identity, and Roles of exactly what the steps need."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from omniforce.compiler.ir.program import Permission, Program, Search, Step

from .names import account_name, namespace_of
from .objects import Component, Tree, make
from .steps import has_measurer, serve_of

RBAC: Final = "rbac.authorization.k8s.io"

_COMPONENTS: Final[dict[str, Component]] = {
    "search": "search",
    "dispatch": "worker",
    "deadletter": "search",
    "api": "search",
    "advise": "search",
    "measure": "tte",
    "trial": "tte",
    "pipeline": "worker",
    "serving": "serving",
}
"""Every identity, with the part of the study that it belongs to."""

_WITH_TOKEN: Final = frozenset({"dispatch", "pipeline"})

_UNNAMED: Final = frozenset({"create", "list", "watch", "deletecollection"})
"""Verbs whose requests carry no object's name, so that a rule with names never grants them."""


def access(program: Program) -> tuple[Tree, ...]:
    """ServiceAccounts, then a Role and its RoleBinding for each identity that may do anything."""
    optional = {"serving": serve_of(program) is not None, "measure": has_measurer(program)}
    identities = [name for name in _COMPONENTS if optional.get(name, True)]
    made = [_account(program, identity) for identity in identities]
    for identity in identities:
        permissions = permissions_of(program, identity)
        if permissions:
            made += [_role(program, identity, permissions), _binding(program, identity)]
    return tuple(made)


def permissions_of(program: Program, identity: str) -> tuple[Permission, ...]:
    """What an identity may do, each thing once, in the program's order."""
    asked = (p for step in program.steps if _identity(step) == identity for p in step.permissions)
    return tuple(dict.fromkeys(asked))


def _identity(step: Step) -> str:
    """Who acts for a step: what a search does to the cluster is done by dispatch alone."""
    return "dispatch" if isinstance(step, Search) else "pipeline"


def _account(program: Program, identity: str) -> Tree:
    return make(
        program,
        "v1",
        "ServiceAccount",
        account_name(program, identity),
        _COMPONENTS[identity],
        automountServiceAccountToken=identity in _WITH_TOKEN,
    )


def _role(program: Program, identity: str, permissions: Iterable[Permission]) -> Tree:
    return make(
        program,
        f"{RBAC}/v1",
        "Role",
        account_name(program, identity),
        _COMPONENTS[identity],
        rules=[rule for permission in permissions for rule in _rules(permission)],
    )


def _rules(permission: Permission) -> list[Tree]:
    named = tuple(v for v in permission.verbs if v not in _UNNAMED)
    unnamed = tuple(v for v in permission.verbs if v in _UNNAMED)
    if not permission.names:
        return [_rule(permission, permission.verbs)]
    rules = [_rule(permission, named, permission.names)] if named else []
    return rules + ([_rule(permission, unnamed)] if unnamed else [])


def _rule(permission: Permission, verbs: tuple[str, ...], names: tuple[str, ...] = ()) -> Tree:
    rule: Tree = {"apiGroups": [permission.group], "resources": [permission.resource]}
    if names:
        rule["resourceNames"] = list(names)
    return rule | {"verbs": list(verbs)}


def _binding(program: Program, identity: str) -> Tree:
    name = account_name(program, identity)
    return make(
        program,
        f"{RBAC}/v1",
        "RoleBinding",
        name,
        _COMPONENTS[identity],
        roleRef={"apiGroup": RBAC, "kind": "Role", "name": name},
        subjects=[{"kind": "ServiceAccount", "name": name, "namespace": namespace_of(program)}],
    )
