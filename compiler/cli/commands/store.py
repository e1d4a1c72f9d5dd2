"""`ofc store`: for people who operate the database that studies are kept in."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from .. import exits
from ..output import Output, output_options, pass_output
from ..state import dir_option, late

if TYPE_CHECKING:
    from omniforce.runtime.store.database import Database
    from omniforce.runtime.store.migrating import Moved

F = TypeVar("F", bound=Callable[..., object])


def _where(function: F) -> F:
    """STUDY, `--store` and `--dir`, by which each of these commands is told of a store."""
    function = dir_option(function)
    function = click.option(
        "--store",
        "url",
        metavar="URL",
        envvar="OFC_STORE_URL",
        help="sqlite:///FILE or postgresql://...; so that no password stands in the shell's "
        "history, $OFC_STORE_URL does as well.",
    )(function)
    return click.argument("study", required=False)(function)


@click.group()
@output_options()
def command() -> None:
    """Look after the database that studies are kept in.

    Opening a store upgrades it; these commands say where it is and what state it is in, and bring
    it to another layout on purpose. Each takes a STUDY of this machine, or --store.
    """


@command.command()
@_where
@output_options()
@pass_output
def version(output: Output, study: str | None, url: str | None, root: Path) -> int:
    """Show the layout of a store, and the one of this release; 2 where they differ."""
    with _connected(study, url, root) as database:
        from omniforce.runtime.store import layout, schema

        with database.reading() as connection:
            found = layout.known(connection)
        mine = schema.VERSION
        told = "has no tables yet" if found is None else f"has layout {found}"
        output.document(
            {"store": database.place, "layout": found, "release": mine},
            f"the store `{database.place}` {told}, this release has layout {mine}\n",
        )
        return exits.OK if found == mine else exits.CHANGES


@command.command()
@_where
@output_options()
@pass_output
def check(output: Output, study: str | None, url: str | None, root: Path) -> int:
    """Look whether a store is whole, and count its rows; 2 for an older layout, 5 for damage."""
    with _connected(study, url, root) as database:
        from omniforce.runtime.store import schema
        from omniforce.runtime.store.checking import check as look

        found = look(database)
        lines = [f"{name:18} {count:>9,}" for name, count in found.rows]
        lines += [f"wrong: {finding}" for finding in found.findings]
        if found.layout != schema.VERSION:
            lines.append(f"layout {found.layout}: see `ofc store upgrade`")
        elif not found.findings:
            lines.append(f"layout {found.layout}, whole")
        output.document(
            {
                "store": database.place,
                "layout": found.layout,
                "rows": dict(found.rows),
                "findings": list(found.findings),
            },
            "\n".join(lines) + "\n",
        )
        if found.findings:
            return exits.DIFFERS
        return exits.OK if found.layout == schema.VERSION else exits.CHANGES


@command.command()
@_where
@output_options()
@pass_output
def upgrade(output: Output, study: str | None, url: str | None, root: Path) -> None:
    """Bring a store to this release's layout, as opening it does; a SQLite file is copied first.

    An empty database gets the tables.
    """
    with _connected(study, url, root) as database:
        from omniforce.runtime.store import layout, schema
        from omniforce.runtime.store.migrating import Moved
        from omniforce.runtime.store.migrating import upgrade as move

        with database.reading() as connection:
            is_empty = layout.known(connection) is None
        if is_empty:
            layout.prepare(database)
            _tell(output, database, Moved(0, schema.VERSION))
        else:
            _tell(output, database, move(database))


@command.command()
@_where
@click.option("--to", "layout", type=click.IntRange(min=1), required=True, help="The layout.")
@click.option("--drop", is_flag=True, help="What it cannot hold may be lost.")
@output_options()
@pass_output
def downgrade(
    output: Output, study: str | None, url: str | None, root: Path, layout: int, drop: bool
) -> None:
    """Bring a store back to an older layout, for an older release of ofc.

    Stop what uses it first: this release upgrades it again as soon as it opens it.
    """
    with _connected(study, url, root) as database:
        from omniforce.runtime.store.migrating import downgrade as move

        _tell(output, database, move(database, layout, drop=drop))


def _tell(output: Output, database: Database, moved: Moved) -> None:
    text = f"the store `{database.place}` has layout {moved.after}"
    if moved.before == moved.after:
        text += " already"
    else:
        text += f", it had {moved.before or 'no tables'}"
    if moved.copy is not None:
        text += f"; as it was: {moved.copy}"
    if moved.dropped:
        text += f"\ndropped: {', '.join(moved.dropped)}"
    output.document(
        {
            "store": database.place,
            "before": moved.before,
            "after": moved.after,
            "copy": None if moved.copy is None else str(moved.copy),
            "dropped": list(moved.dropped),
        },
        f"{text}\n",
    )


@contextmanager
def _connected(study: str | None, url: str | None, root: Path) -> Generator[Database]:
    """The database as it is: not opened, since opening upgrades."""
    with late():
        from omniforce.runtime.store.database import Database

        database = Database.connect(_address(study, url, root))
        file = database.engine.url.database or ""
        try:
            if database.engine.dialect.name == "sqlite" and not file.startswith("file:"):
                _must_be_there(file)
            yield database
        finally:
            database.close()


def _must_be_there(file: str) -> None:
    """Connecting to a file that is not there makes it, and looking must not."""
    from omniforce.spec.problem import Problem

    if not Path(file).is_file():
        raise Problem(
            "OFC757", f"there is no store in `{file}`", "see whether the file's name is right"
        )


def _address(study: str | None, url: str | None, root: Path) -> str:
    from omniforce.spec.problem import Problem

    if study is None and url is not None:
        return url
    given = click.get_current_context().get_parameter_source("url")
    if study is not None and given is click.core.ParameterSource.COMMANDLINE:
        raise click.UsageError("either STUDY or --store")
    from omniforce.runtime.local.home import Home, studies

    named = study or next(iter(studies(root)), None)
    home = None if named is None else Home(root.absolute(), named)
    if home is None or not home.store.is_file():
        named = "no study" if study is None else f"no study `{study}`"
        raise Problem(
            "OFC761", f"there is {named} in `{root}`", "name another folder with --dir, or --store"
        )
    from sqlalchemy.engine import URL

    return URL.create("sqlite", database=str(home.store)).render_as_string(hide_password=False)
