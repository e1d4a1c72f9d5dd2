"""What people do to a study, and how the commands tell of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from .access import Place, access_options
from .output import DATA, Output, output_options, pass_output, plural
from .state import late

if TYPE_CHECKING:
    from omniforce.runtime.steering.access import StudyAccess
    from omniforce.runtime.store.trial import StudyRecord


def steering_command(help_: str, act: Callable[[StudyAccess], object]) -> click.Command:
    """A command that does one thing to a study, which is all that it is told."""

    def command(output: Output, study: str | None, place: Place) -> None:
        with late(), place.open(study) as access:
            act(access)
            tell(output, access)

    made: Any = pass_output(command)
    made = output_options(formats=DATA)(made)
    made = access_options(made)
    made = click.argument("study", required=False)(made)
    built: click.Command = click.command(help=help_)(made)
    return built


def tell(output: Output, access: StudyAccess, **more: object) -> None:
    """How the study stands now."""
    from omniforce.runtime.store.trial import OUTSTANDING

    record = access.record()
    under_way = [t.number for t in access.trials() if t.state in OUTSTANDING]
    output.document(
        {**plain_study(record), "underWay": under_way, **more},
        _said(record, len(under_way)),
    )


def plain_study(record: StudyRecord) -> dict[str, object]:
    """A study for scripts."""
    return {
        "study": record.name,
        "state": record.state,
        "reason": record.reason,
        "revision": record.revision,
        "extra": dict(record.extra),
    }


def _said(record: StudyRecord, under_way: int) -> str:
    reason = "" if record.reason is None else f" ({record.reason})"
    rest = ""
    if under_way:
        still = " and still counting" if record.state == "paused" else ""
        rest = f"; {plural(under_way, 'trial')} under way{still}"
    return f"`{record.name}` is {record.state}{reason}{rest}\n"
