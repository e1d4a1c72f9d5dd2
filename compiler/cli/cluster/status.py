"""`ofc status --cluster`: one look at a study, or one look after the other."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

import click

from omniforce.spec.frozen import dataclass
from omniforce.spec.problem import Problem

from .. import exits
from ..composition import DEFAULT_SPEC, Chosen, load_spec, spec_and_overlays
from ..output import Output
from .command import compiled

if TYPE_CHECKING:
    from omniforce.targets.platforms.kubernetes.cluster.cluster import Cluster
    from omniforce.targets.platforms.kubernetes.cluster.standing import Standing

PAUSE = 2.0
"""Seconds between two looks."""

CODES = {"ready": exits.OK, "suspended": exits.OK, "progressing": exits.CHANGES}
"""What is not ready for another reason has failed."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which study, by its name or by its spec."""

    study: str | None
    namespace: str | None
    layers: tuple[str, ...]
    settings: tuple[str, ...]
    params: Mapping[str, str]

    def __post_init__(self) -> None:
        """Refuses two studies at once."""
        if self.study is not None and (self.layers or self.settings or self.params):
            raise click.UsageError("the study is named twice: by its name and by its spec")
        if self.study is None and self.namespace is not None:
            raise click.UsageError("`--namespace` is of a study that is named: add its name")


@dataclass(frozen=True, slots=True)
class ClusterStatus:
    """How the wanted study stands.

    Attributes:
        everything: shows also the conditions and events of what is ready.
    """

    output: Output
    wanted: Wanted
    everything: bool

    def once(self, context: str | None, kubeconfig: str | None) -> int:
        """One look."""
        found = self._sought()
        if found is None:
            return exits.INVALID
        standing = self._look(self._connect(context, kubeconfig), found)
        self._show(standing)
        return CODES.get(standing.word, exits.FAILED)

    def watch(self, context: str | None, kubeconfig: str | None, timeout: float | None) -> int:
        """Looks until all is ready; text is shown anew whenever it changes."""
        found = self._sought()
        if found is None:
            return exits.INVALID
        cluster = self._connect(context, kubeconfig)
        end = None if timeout is None else time.monotonic() + timeout
        shown: Standing | None = None
        while True:
            standing = self._look(cluster, found)
            last = standing.word in ("ready", "suspended")
            late = end is not None and time.monotonic() >= end
            if self.output.format == "json":
                if last or late:
                    self._show(standing)
            elif standing != shown:
                self._clear(shown is not None)
                self._show(standing)
                self.output.flush()
            if last or late:
                return exits.OK if last else exits.TIMEOUT
            shown = standing
            time.sleep(PAUSE if end is None else max(0.0, min(PAUSE, end - time.monotonic())))

    def _clear(self, again: bool) -> None:
        if sys.stdout.isatty() and os.environ.get("TERM") != "dumb":
            self.output.raw("\x1b[H\x1b[2J")
        elif again:
            self.output.raw("\n")

    def _sought(self) -> _Sought | None:
        """Which study, from the command line or the spec; None where the spec is wrong."""
        from omniforce.targets.platforms.kubernetes.names import named, namespace_of

        wanted = self.wanted
        if wanted.study is not None:
            namespace = wanted.namespace or named("ofc", wanted.study)
            return _Sought(wanted.study, namespace, None)
        if not wanted.layers and not os.path.exists(DEFAULT_SPEC):
            raise click.UsageError("name a study, or its spec with `-f`")
        layers = spec_and_overlays(None, wanted.layers)
        program = compiled(self.output, load_spec(Chosen(layers, wanted.params, wanted.settings)))
        if program is None:
            return None
        of = cast("Any", program)  # see `composition.Platform`
        return _Sought(program.name, namespace_of(of), of)

    def _connect(self, context: str | None, kubeconfig: str | None) -> Cluster:
        from omniforce.targets.platforms.kubernetes.cluster.client.client import connect

        return connect(context, kubeconfig)

    def _look(self, cluster: Cluster, sought: _Sought) -> Standing:
        from omniforce.targets.platforms.kubernetes.cluster.living import find
        from omniforce.targets.platforms.kubernetes.cluster.standing import standing

        there = find(cluster, sought.study, sought.namespace)
        program = there.program or sought.program
        if program is None:
            why = f": {there.unreadable}" if there.unreadable else ""
            raise Problem(
                "OFC670",
                f"there is no study `{sought.study}` in `{sought.namespace}` of `{cluster.name}`"
                if not why
                else f"the study `{sought.study}` of `{cluster.name}` cannot be read{why}",
                "name its namespace with `-n`, or its spec with `-f`",
            )
        return standing(cluster, program, sought.program)

    def _show(self, standing: Standing) -> None:
        from omniforce.targets.platforms.kubernetes.cluster.shown.standing_plain import (
            standing_plain,
        )
        from omniforce.targets.platforms.kubernetes.cluster.shown.standing_text import (
            standing_text,
        )

        text = standing_text(standing, self.output.paints(sys.stdout), self.everything)
        self.output.document(standing_plain(standing), text)


@dataclass(frozen=True, slots=True)
class _Sought:
    """A study by its name.

    Attributes:
        program: of the spec at hand; None where only the name is known.
    """

    study: str
    namespace: str
    program: Any
