"""`ofc api`: tokens for the API, and a look at its access file."""

from __future__ import annotations

import os
from pathlib import Path

import click

from ..output import Output, output_options, pass_output
from ..state import late


@click.group()
@output_options()
def command() -> None:
    """Make a token for the API, and check who may do what there."""


@command.command()
@click.argument("name")
@click.option(
    "--role",
    type=click.Choice(("viewer", "operator", "admin")),
    default="viewer",
    show_default=True,
    help="What NAME may do: look; steer as well; start and revise as well.",
)
@click.option(
    "--project",
    "projects",
    multiple=True,
    default=("default",),
    help="Where; may repeat; `*` is everywhere.  [default: default]",
)
@click.option(
    "--token-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Writes the token there, for this user alone, and shows it nowhere.",
)
@output_options()
@pass_output
def token(
    output: Output, name: str, role: str, projects: tuple[str, ...], token_file: Path | None
) -> None:
    """Make a token for NAME, and its line for the access file.

    The token is shown once, on stderr; only its hash goes into the file:

        ofc api token alice --role operator --token-file token >> access.yaml
    """
    with late():
        import json

        from omniforce.runtime.functions.api.access_file import read_access
        from omniforce.runtime.functions.api.tokens import hash_of, new_token

        made = new_token()
        identity = {
            "name": name,
            "token_sha256": hash_of(made),
            "roles": dict.fromkeys(projects, role),
        }
        read_access(json.dumps({"identities": [identity]}).encode())
    if token_file is not None:
        _write(token_file, made)
    roles = ", ".join(f"{json.dumps(project)}: {role}" for project in dict.fromkeys(projects))
    line = (
        f"  - {{name: {json.dumps(name)}, token_sha256: {json.dumps(identity['token_sha256'])}, "
        f"roles: {{{roles}}}}}\n"
    )
    document: dict[str, object] = {"identity": identity}
    if token_file is None:
        document["token"] = made
    output.document(document, line)
    if output.format == "text" and token_file is None:
        output.message(f"token, shown this once: {made}")


@command.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@output_options()
@pass_output
def check(output: Output, file: Path) -> None:
    """Read the access FILE as the API would, and say who may do what."""
    with late():
        from omniforce.runtime.functions.api.access_file import AccessFile

        access = AccessFile(file).read()
    output.document(
        {
            "identities": [
                {
                    "name": each.name,
                    "by": "token" if each.token_sha256 is not None else "certificate",
                    "roles": dict(each.roles),
                }
                for each in access.identities
            ],
            "proxies": [each.header for each in access.proxies],
        },
        "".join(
            f"{each.name}: {', '.join(f'{role} of {p}' for p, role in each.roles.items())}\n"
            for each in access.identities
        )
        or "nobody is let in\n",
    )
    if output.format == "text":
        output.message(f"{len(access.identities)} may ask")


def _write(place: Path, made: str) -> None:
    """Writes a token into a new file that only its owner reads.

    Raises:
        Problem: there is such a file, or it cannot be written.
    """
    from omniforce.spec.problem import Problem

    try:
        number = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise Problem(
            "OFC702", f"`{place}` exists already", "name a new file, or remove that one"
        ) from None
    except OSError as error:
        raise Problem(
            "OFC701",
            f"`{place}` cannot be written: {error.strerror or error}",
            "name another file by `--token-file`",
        ) from error
    with os.fdopen(number, "w", encoding="ascii") as file:
        file.write(f"{made}\n")
