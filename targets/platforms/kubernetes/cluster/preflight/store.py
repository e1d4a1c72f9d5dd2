"""Whether the Secret with the store's URL is there, with its key. Its value is never looked at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from omniforce.spec.diagnostic import Diagnostic

from ...check.look import look
from .asking import Asking, error

_STORE: Final = "spec.platform.kubernetes.store"


def store(asking: Asking) -> Iterator[Diagnostic]:
    """The Secret is made by people: without it, no function starts."""
    wanted = asking.program.platform.kubernetes.store
    here = asking.namespace
    found = asking.get("v1", "Secret", wanted.name, here)
    make = (
        f"kubectl create secret generic {wanted.name} -n {here} "
        f'--from-literal={wanted.key}="$STORE_URL"'
    )
    if found is None:
        yield error(
            "OFC661",
            f"there is no Secret `{wanted.name}` in `{here}`, which holds the store's URL",
            _first(asking) + make,
            asking.at(f"{_STORE}.name"),
        )
        return
    data = look(found, "data")
    keys = tuple(map(str, data)) if isinstance(data, Mapping) else ()
    if wanted.key not in keys:
        there = ", ".join(f"`{k}`" for k in sorted(keys)) or "none"
        yield error(
            "OFC661",
            f"the Secret `{wanted.name}` in `{here}` has no key `{wanted.key}`; it has: {there}",
            f"name the key under `store.key`, or make it: {make}",
            asking.at(f"{_STORE}.key"),
        )


def _first(asking: Asking) -> str:
    """A Secret needs its namespace, which an apply makes after this check."""
    there = asking.get("v1", "Namespace", asking.namespace) is not None
    return "" if there else f"kubectl create namespace {asking.namespace} && "
