"""One `ofc apply`: the plan, the question, the writes, the waiting, what is told of it."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from omniforce.spec.frozen import dataclass
from omniforce.spec.problem import Problem

from ...diagnostics.json_ import plain_diagnostics
from .. import exits
from ..composition import Chosen, load_spec, sources
from ..output import Output, plural
from .command import agreed, compiled, plain_reference, told
from .progress import ClusterProgress, cluster_progress

if TYPE_CHECKING:
    from omniforce.spec.load import Loaded
    from omniforce.targets.platforms.kubernetes.cluster.applying.apply import Applied
    from omniforce.targets.platforms.kubernetes.cluster.applying.prune import Pruning
    from omniforce.targets.platforms.kubernetes.cluster.applying.ready import State
    from omniforce.targets.platforms.kubernetes.cluster.cluster import Cluster, Reference
    from omniforce.targets.platforms.kubernetes.cluster.planning.report import Report

    from ...ir.program import Program

_SNIFFED = 4096


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the command line asks for.

    Attributes:
        wait: seconds for all the waiting; None does not wait.
    """

    force: bool
    prune: bool
    wait: float | None
    start: bool
    preflight: bool
    yes: bool


def is_saved(chosen: Chosen) -> bool:
    """Whether what is named is a plan of `ofc plan --out`, and no spec."""
    if len(chosen.files) != 1 or chosen.files[0] == "-":
        return False
    try:
        with Path(chosen.files[0]).open("rb") as file:
            return b'"ofc-plan"' in file.read(_SNIFFED)
    except (OSError, ValueError):
        return False  # reading it as a spec says what is wrong


def follow(
    output: Output, path: str, wishes: Wishes, context: str | None, kubeconfig: str | None
) -> int:
    """Does what a saved plan says, if spec and cluster are as they were."""
    from omniforce.targets.platforms.kubernetes.cluster.client.client import connect
    from omniforce.targets.platforms.kubernetes.cluster.planning.saved import (
        moved_away,
        read_saved,
        still_holds,
    )

    saved = read_saved(path)
    spec = saved.spec
    loaded = load_spec(Chosen(spec.files, dict(spec.params), spec.settings))
    program = compiled(output, loaded, dict(spec.params))
    if program is None:
        return exits.INVALID
    applying = Applying(output, loaded, program, replace(wishes, force=wishes.force or saved.force))
    cluster = connect(context or saved.cluster, kubeconfig)
    moved = still_holds(saved, cluster, applying.objects())
    if moved:
        told(output, moved_away(saved, path, moved))
        return exits.CONFLICT
    replaced = [o.reference for o in saved.objects if o.action == "replace" and not o.replaces]
    return applying.write(cluster, frozenset(replaced), applying.pruning(saved.deletes))


@dataclass(frozen=True, slots=True)
class Applying:
    """An apply of a program."""

    output: Output
    loaded: Loaded
    program: Program
    wishes: Wishes

    @property
    def _of(self) -> Any:
        return cast("Any", self.program)  # see `composition.Platform`

    def objects(self) -> Sequence[dict[str, object]]:
        """All that is applied."""
        from omniforce.targets.platforms.kubernetes.cluster.apply_set import applied_objects

        return applied_objects(self._of)

    def pruning(self, members: Sequence[Reference]) -> Pruning:
        """What of `members` the spec has no more."""
        from omniforce.targets.platforms.kubernetes.cluster.applying.prune import pruning
        from omniforce.targets.platforms.kubernetes.cluster.cluster import reference_of

        return pruning(members, tuple(map(reference_of, self.objects())))

    def run(self, context: str | None, kubeconfig: str | None, *, dry: bool) -> int:
        """Plans, asks and applies."""
        from omniforce.targets.platforms.kubernetes.cluster.apply_set import members
        from omniforce.targets.platforms.kubernetes.cluster.client.client import connect
        from omniforce.targets.platforms.kubernetes.cluster.planning.report import make_report

        cluster = connect(context, kubeconfig)
        found = self.pruning(members(cluster, self._of))
        report = make_report(
            cluster,
            self._of,
            self.loaded.spans,
            members=found.goes if self.wishes.prune else (),
            force=self.wishes.force,
            check=self.wishes.preflight,
        )
        self._show(report, found)
        if report.stops:
            return self._stopped(report, dry=dry)
        if dry:
            self.output.document(self._plain(cluster, report=report) | {"dryRun": "server"}, "")
            return exits.OK
        asks = report.plan.changes or self.wishes.start
        if asks and not agreed(f"apply to {cluster.name}?", self.wishes.yes):
            self.output.message("nothing was applied")
            return exits.FAILED
        again = [o.reference for o in report.plan.objects if o.action == "replace"]
        named = {o.reference for o in report.plan.objects if o.replaces is not None}
        goes = found if self.wishes.prune else self.pruning(())
        return self.write(cluster, frozenset(again) - named, goes)

    def _show(self, report: Report, found: Pruning) -> None:
        from omniforce.targets.platforms.kubernetes.cluster.shown.plan_text import plan_text

        self.output.message(plan_text(report, self.output.paints(sys.stderr)))
        self.output.diagnose(cast("Any", report.findings), sources([self.loaded]))
        if found.goes and not self.wishes.prune:
            listed = ", ".join(map(str, found.goes))
            count = plural(len(found.goes), "object")
            self.output.message(f"{count} not in the spec any more; `--prune` removes: {listed}")
        if found.stays:
            listed = ", ".join(map(str, found.stays))
            self.output.message(f"not in the spec any more, and stays for its data: {listed}")

    def _stopped(self, report: Report, *, dry: bool) -> int:
        """Nothing is written where it is known that the apply would not come to its end."""
        blocked = report.plan.blocked
        conflicts = any(o.conflicts for o in blocked) and not any(o.refused for o in blocked)
        errors = any(d.is_error for d in report.findings)
        whom = ", ".join(f"`{o.reference}`" for o in blocked)
        why = f": see {whom} above" if whom else ": the cluster lacks what is said above"
        help = (
            "let the other managers give the fields up, or take them with `--force-conflicts`"
            if conflicts and not errors
            else "mend it in the spec or on the cluster; nothing was written"
        )
        told(
            self.output,
            Problem("OFC636", f"an apply would stop before its end{why}", help),
            self._plain(None, report=report) | ({"dryRun": "server"} if dry else {}),
        )
        return exits.CONFLICT if conflicts and not errors else exits.FAILED

    def write(self, cluster: Cluster, replaced: frozenset[Reference], goes: Pruning) -> int:
        """Applies, waits, removes and starts; answers the exit code."""
        from omniforce.targets.platforms.kubernetes.cluster.applying.fence import Overtaken
        from omniforce.targets.platforms.kubernetes.cluster.applying.gone import NotGone
        from omniforce.targets.platforms.kubernetes.cluster.applying.waiting import NotReady
        from omniforce.targets.platforms.kubernetes.cluster.cluster import Conflicted

        with cluster_progress(sys.stderr, self.output.paints(sys.stderr)) as progress:
            try:
                plain, text = self._write(cluster, replaced, goes, progress)
            except KeyboardInterrupt:
                count, of = progress.count
                progress.stage(f"stopped after {count} of {of} objects; run it again to go on")
                return exits.INTERRUPTED
            except (Conflicted, Overtaken) as fault:
                told(self.output, cast("Problem", fault), self._plain(cluster))
                return exits.CONFLICT
            except NotReady as fault:
                told(self.output, cast("Problem", fault), self._plain(cluster))
                return exits.TIMEOUT if fault.timed_out else exits.FAILED
            except NotGone as fault:
                told(self.output, cast("Problem", fault), self._plain(cluster))
                return exits.TIMEOUT
        self.output.document(plain, text)
        return exits.OK

    def _write(
        self,
        cluster: Cluster,
        replaced: frozenset[Reference],
        goes: Pruning,
        progress: ClusterProgress,
    ) -> tuple[dict[str, object], str]:
        from omniforce.targets.platforms.kubernetes.cluster.applying.apply import Apply
        from omniforce.targets.platforms.kubernetes.cluster.applying.later import may_come_later
        from omniforce.targets.platforms.kubernetes.cluster.applying.prune import prune
        from omniforce.targets.platforms.kubernetes.cluster.applying.start import may_start, start

        objects = self.objects()
        later = may_come_later(cluster, objects)
        applied = Apply(self._of, objects, self.wishes.force, replaced).run(cluster, progress)
        references = tuple(a.reference for a in applied)
        states = self._wait(cluster, references, later, progress)
        gone = prune(cluster, self._of, goes) if goes.goes else ()
        for reference in gone:
            progress.removed(reference)
        started: bool | None = None
        if self.wishes.start:
            may_start(states)
            progress.stage("starting the study")
            started = start(cluster, self._of)
        plain = self._plain(cluster, applied=applied, states=states)
        plain |= {"pruned": [plain_reference(r) for r in gone], "started": started}
        return plain, self._summary(cluster, applied, states, gone, started)

    def _wait(
        self,
        cluster: Cluster,
        references: Sequence[Reference],
        later: frozenset[Reference],
        progress: ClusterProgress,
    ) -> Mapping[Reference, State]:
        from omniforce.targets.platforms.kubernetes.cluster.apply_set import apply_set_of
        from omniforce.targets.platforms.kubernetes.cluster.applying.waiting import (
            Waiting,
            states_of,
        )

        set_id = apply_set_of(self._of).id
        if self.wishes.wait is None:
            return states_of(cluster, references, set_id) if self.wishes.start else {}
        return Waiting(self.wishes.wait, later).run(cluster, references, set_id, progress)

    def _plain(
        self,
        cluster: Cluster | None,
        *,
        report: Report | None = None,
        applied: Sequence[Applied] = (),
        states: Mapping[Reference, State] | None = None,
    ) -> dict[str, object]:
        states = states or {}
        plain: dict[str, object] = {"study": self.program.name, "digest": self.program.digest}
        if cluster is not None:
            plain["cluster"] = cluster.name
        if report is not None:
            from omniforce.targets.platforms.kubernetes.cluster.shown.plan_plain import plan_plain

            plain["plan"] = plan_plain(report)
            plain["diagnostics"] = plain_diagnostics(cast("Any", report.findings))
        plain["objects"] = [
            plain_reference(a.reference)
            | {"done": a.done, "state": states[a.reference].word if a.reference in states else None}
            for a in applied
        ]
        return plain

    def _summary(
        self,
        cluster: Cluster,
        applied: Sequence[Applied],
        states: Mapping[Reference, State],
        gone: Sequence[Reference],
        started: bool | None,
    ) -> str:
        counts = {d: sum(a.done == d for a in applied) for d in ("created", "changed", "replaced")}
        told = [f"{n} {word}" for word, n in counts.items() if n]
        told += [f"{len(gone)} removed"] if gone else []
        name = self.program.name
        lines = [f"{name} on {cluster.name}: {', '.join(told) or 'nothing had changed'}"]
        left = [a.reference for a in applied if a.done == "left"]
        lines += [f"{r} was left as it is: you may not change it" for r in left]
        waits = [(r, s) for r, s in states.items() if s.word != "ready"]
        lines += [f"{r} may come later: {s.why}" for r, s in waits]
        if started is not None:
            lines.append("the study is started" if started else "the study was started before")
        return "\n".join(lines) + "\n"
