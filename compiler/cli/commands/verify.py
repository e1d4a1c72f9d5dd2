"""`ofc verify`: holds an output folder, or a cluster, against the lock."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from omniforce.spec.problem import Problem

from ...held import Held, held
from .. import exits
from ..output import Output, output_options, pass_output, plural

if TYPE_CHECKING:
    from omniforce.targets.platforms.kubernetes.live_check import Live

SHOWN = 20
"""Files of a kind, and fields of one object, that text shows; JSON has them all."""


@click.command()
@click.argument("folder", metavar="DIR", default="dist")
@click.option("--ignore-extra", is_flag=True, help="Takes files that the lock does not list.")
@click.option("--cluster", "live", is_flag=True, help="Asks the cluster as well; changes nothing.")
@click.option("--context", metavar="NAME", help="Of the kubeconfig.  [default: the current one]")
@click.option("--kubeconfig", metavar="FILE", help="Another one than kubectl would take.")
@output_options()
@pass_output
def command(
    output: Output,
    folder: str,
    ignore_extra: bool,
    live: bool,
    context: str | None,
    kubeconfig: str | None,
) -> int:
    """Hold DIR against its ofc.lock: every file that was changed, lost or added is named.

    Where DIR holds more than the output, such as `.`, add --ignore-extra.

    With --cluster each object is also asked for on the cluster, by a dry run on the server of
    what an apply would do: fields that are not as compiled are named.

    Exits with 5 where anything differs.
    """
    if (context or kubeconfig) and not live:
        raise click.UsageError("`--context` and `--kubeconfig` are for `--cluster`")
    found = held(folder)
    found = replace(found, extra=()) if ignore_extra else found
    objects = _on_cluster(found, folder, context, kubeconfig) if live else None
    output.document(_report(found, folder, objects), "")
    if output.format == "text":
        _say(output, found, folder, objects)
    differs = found.differs or any(o.state not in ("same", "skipped") for o in objects or ())
    return exits.DIFFERS if differs else exits.OK


def _on_cluster(
    found: Held, folder: str, context: str | None, kubeconfig: str | None
) -> tuple[Live, ...]:
    if found.changed or found.missing:
        raise Problem(
            "OFC606",
            f"`{folder}` does not hold what its lock says, so there is nothing to hold a cluster "
            f"against: {', '.join((*found.changed, *found.missing)[:5])}",
            "compile again, or take the files from version control",
        )
    from omniforce.targets.platforms.kubernetes.cluster.client.client import connect
    from omniforce.targets.platforms.kubernetes.live_check import live_check

    objects = tuple(_objects(found, folder))
    if not objects:
        raise Problem(
            "OFC606",
            f"`{folder}` holds no manifests: its target is `{found.lock.target}`",
            "compile for a target that has some: `--target kubernetes`",
        )
    try:
        cluster = connect(context, kubeconfig)
    except ImportError:
        raise Problem(
            "OFC703",
            "the module `kubernetes` is not installed here",
            "pip install 'omniforce[kubernetes]'",
        ) from None
    return tuple(live_check(cluster, objects))


def _objects(found: Held, folder: str) -> Iterator[dict[str, Any]]:
    """The objects that a cluster has; what Argo CD or kustomize reads is none of them."""
    import yaml

    for path in found.same:
        if not path.endswith(".yaml") or path.startswith(("argocd/", "overlays/")):
            continue
        text = Path(folder, path).read_text(encoding="utf-8")
        tree: object = yaml.load(text, Loader=yaml.CSafeLoader)
        if isinstance(tree, dict) and tree.get("kind") != "Kustomization":
            yield tree


def _report(found: Held, folder: str, objects: tuple[Live, ...] | None) -> dict[str, object]:
    told: dict[str, object] = {
        "folder": folder,
        "study": found.lock.study,
        "target": found.lock.target,
        "spec": found.lock.spec,
        "same": len(found.same),
        "changed": list(found.changed),
        "missing": list(found.missing),
        "extra": list(found.extra),
    }
    if objects is not None:
        told["objects"] = [_plain(each) for each in objects]
    return told


def _plain(each: Live) -> dict[str, object]:
    made: dict[str, object] = {
        "kind": each.object.kind,
        "name": each.object.name,
        "namespace": each.object.namespace,
        "state": each.state,
    }
    if each.spec is not None:
        made["spec"] = each.spec
    if each.why:
        made["why"] = each.why
    if each.changes:
        made["fields"] = [
            {"path": c.path, "live": c.before, "compiled": c.after} for c in each.changes
        ]
    return made


def _say(output: Output, found: Held, folder: str, objects: tuple[Live, ...] | None) -> None:
    for what, paths in (
        ("changed since it was compiled", found.changed),
        ("missing", found.missing),
        ("not in the lock", found.extra),
    ):
        for path in paths[:SHOWN]:
            output.message(f"{Path(folder, path)}: {what}")
        if len(paths) > SHOWN:
            output.message(f"{folder}: {plural(len(paths) - SHOWN, 'file')} more {what}")
    same = f"{plural(len(found.same), 'file')} of `{found.lock.study}` as the lock says"
    output.message(f"{folder}: {same}{', others are not' if found.differs else ''}")
    for each in objects or ():
        for line in _lines(each):
            output.message(line)
    if objects:
        good = sum(each.state == "same" for each in objects)
        output.message(f"{good} of {plural(len(objects), 'object')} on the cluster as compiled")


def _lines(each: Live) -> Iterator[str]:
    if each.state == "same":
        return
    why = f": {each.why}" if each.why else ""
    of = f", from the spec {each.spec[:19]}" if each.spec else ""
    yield f"{each.object}: {each.state}{why}{of}"
    for change in each.changes[:SHOWN]:
        before, after = change.before or "nothing", change.after or "nothing"
        yield f"  {change.path}: {before}, compiled {after}"
    if len(each.changes) > SHOWN:
        yield f"  and {plural(len(each.changes) - SHOWN, 'field')} more"
