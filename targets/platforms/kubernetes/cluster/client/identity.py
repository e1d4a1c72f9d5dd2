"""Who asks, and where: kubeconfigs, login plugins, a pod's own token.

Only the `kubernetes` package knows them; it is imported late, since it takes 0.4 s. The requests
themselves go over its urllib3 pool.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from omniforce.spec.problem import Problem

from ..cluster import Unauthorized
from .connection import Access, Connection

_LONGEST_WORD: Final = 300

_NO_FILE: Final = "no kubeconfig was found, and this is no pod of a cluster"


def open_connection(context: str | None, kubeconfig: str | None) -> Connection:
    """A connection to the cluster of a kubeconfig's context, or to the one that this pod is in.

    Nothing is asked yet.

    Raises:
        Problem: the kubeconfig cannot be used.
    """
    path = kubeconfig or os.environ.get("KUBECONFIG") or os.path.expanduser("~/.kube/config")
    exists = any(os.path.isfile(each) for each in path.split(os.pathsep) if each)
    if not exists and kubeconfig is None and context is None and _in_a_pod():
        return Connection("this cluster", lambda: _access(_load_pod))
    if not exists:
        message = f"the kubeconfig `{path}` does not exist" if kubeconfig else _NO_FILE
        raise _unusable(message)
    name = _context_name(path, context)
    return Connection(name, lambda: _access(lambda made: _load_file(made, path, name)))


def _in_a_pod() -> bool:
    return "KUBERNETES_SERVICE_HOST" in os.environ


def _context_name(path: str, context: str | None) -> str:
    from kubernetes import config

    contexts: Any
    active: Any
    try:
        contexts, active = config.list_kube_config_contexts(config_file=path)
    except Exception as error:
        if context is not None and "current-context" in str(error):
            return context
        raise _unusable(f"the kubeconfig `{path}` cannot be used: {_first_line(error)}") from error
    names = [str(each["name"]) for each in contexts]
    if context is None:
        return str(active["name"])
    if context not in names:
        raise _unusable(
            f"the kubeconfig `{path}` has no context `{context}`",
            f"it has {', '.join(f'`{name}`' for name in sorted(names)) or 'none'}",
        )
    return context


def _load_file(made: Any, path: str, context: str) -> None:
    from kubernetes import config

    with _said() as said:
        try:
            config.load_kube_config(
                config_file=path,
                context=context,
                client_configuration=made,
                persist_config=False,
            )
        except Exception as error:
            text = f"the context `{context}` of `{path}` cannot be used: {_first_line(error)}"
            raise _unusable(text) from error
    if said:
        # the package goes on without an identity, and the server would only say `anonymous`
        raise Unauthorized(
            "OFC621",
            f"the login plugin of context `{context}` gave no identity: {said[0][:_LONGEST_WORD]}",
            "log in again as your cluster's documentation says, then run the same command",
        )


def _load_pod(made: Any) -> None:
    from kubernetes import config

    try:
        config.load_incluster_config(client_configuration=made)
    except config.ConfigException as error:
        raise _unusable(f"this pod's identity cannot be used: {_first_line(error)}") from error


def _access(load: Callable[[Any], None]) -> Access:
    import urllib3
    from kubernetes import client

    made = client.Configuration()
    load(made)
    if not made.verify_ssl:  # the kubeconfig says so: a warning at each request tells nobody more
        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
    pool = client.ApiClient(made).rest_client.pool_manager

    def headers() -> dict[str, str]:
        token = str(made.get_api_key_with_prefix("authorization") or "").strip()
        if token and not (token.isascii() and token.isprintable()):
            # http.client would refuse the header, and show it
            raise _unusable("the token of the kubeconfig is none: it has a line break in it")
        if token:
            return {"Authorization": token}
        if made.username:
            return {"Authorization": made.get_basic_auth_token()}
        return {}

    return Access(made.host.rstrip("/"), pool, headers)


@contextmanager
def _said() -> Iterator[list[str]]:
    """What the package logs as an error, kept off the terminal."""
    said: list[str] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said.append(record.getMessage().partition("\n")[0])

    root, kept = logging.getLogger(), Kept(logging.ERROR)
    root.addHandler(kept)
    try:
        yield said
    finally:
        root.removeHandler(kept)


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]


def _unusable(message: str, help: str = "") -> Problem:
    help = help or "name one with `--kubeconfig FILE --context NAME`, or set KUBECONFIG"
    return Problem("OFC627", message, help)
