"""`ofc actions`: who did what to a study, and when."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from ..access import Place, access_options
from ..output import DATA, Output, output_options, pass_output
from ..state import late

if TYPE_CHECKING:
    from omniforce.runtime.store.trial import Action


@click.command()
@click.argument("study", required=False)
@access_options
@output_options(formats=DATA)
@pass_output
def command(output: Output, study: str | None, place: Place) -> None:
    """List what people did to STUDY: when, who, what; the oldest first."""
    with late():
        from omniforce.runtime.local.shown import table

        with place.open(study) as access:
            name, actions = access.record().name, access.actions()
        rows = [("when", "who", "what", "with"), *map(_row, actions)]
        output.document(
            {"study": name, "actions": [_plain(each) for each in actions]},
            table(rows) if actions else f"nobody did anything to `{name}`\n",
        )


def _detail(action: Action) -> object:
    try:
        return json.loads(action.detail)
    except ValueError:
        return action.detail


def _plain(action: Action) -> dict[str, object]:
    return {
        "at": action.at,
        "actor": action.actor,
        "action": action.action,
        "detail": _detail(action),
    }


def _row(action: Action) -> tuple[str, str, str, str]:
    detail = _detail(action)
    said = (
        " ".join(f"{name}={json.dumps(value)}" for name, value in detail.items())
        if isinstance(detail, dict)
        else str(detail)
    )
    when = datetime.fromtimestamp(action.at, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    return when, action.actor, action.action, said if len(said) <= 200 else f"{said[:200]}..."
