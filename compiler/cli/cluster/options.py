"""The options that choose a cluster, for every command that asks one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


def cluster_options(function: F) -> F:
    """`--context` and `--kubeconfig`."""
    function = click.option(
        "--kubeconfig",
        metavar="FILE",
        help="Which kubeconfig.  [default: KUBECONFIG, then ~/.kube/config]",
    )(function)
    return click.option(
        "--context",
        metavar="NAME",
        help="Which context of the kubeconfig.  [default: the current one]",
    )(function)
