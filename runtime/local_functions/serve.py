"""Serves a study's functions behind one port until the end is asked for."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from omniforce.compiler.ir.program import Program
from omniforce.spec.plain.values import from_plain
from omniforce.spec.problem import Problem

from ..http_client import NoAnswer, request
from ..local.home import Home
from ..models.listen import address_of, listen
from ..store.store import Store
from .front import Front
from .office import Office, OfficeOptions

WINDOW = 30.0
"""Seconds without a request after which a function ends, as the manifests say."""

_ADDRESS = "functions.url"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeOptions:
    """What the command line says.

    Attributes:
        root: `.ofc`.
        base: the spec's own folder.
        port: 0 takes a free one.
        store: the store's address; None for `study.db` of the study's folder.
        access: the file of who may ask the API.
    """

    root: Path
    base: Path
    host: str = "127.0.0.1"
    port: int = 8080
    store: str | None = None
    window: float = WINDOW
    access: Path | None = None


def serve(program: Program, options: ServeOptions, started: Callable[[str], None]) -> None:
    """Serves until `KeyboardInterrupt`; `started` is given the address once events are taken.

    Raises:
        Problem: the port is in use, the store cannot be used, the study runs elsewhere.
    """
    home = Home(options.root.absolute(), program.name)
    with home.alone(), listen(options.host, options.port) as listening:
        home.make()
        address = address_of(listening).replace("//0.0.0.0:", "//127.0.0.1:")
        address = address.replace("//[::]:", "//[::1]:")
        office = Office(
            program,
            home,
            OfficeOptions(
                address=address,
                store=options.store or _address_of(home),
                base=options.base,
                window=options.window,
                access=options.access,
            ),
        )
        place = home.directory / _ADDRESS
        try:
            place.write_text(f"{address}\n", encoding="ascii")
            # the tick's first event may be delivered before the loop turns: the socket listens
            office.open()
            started(address)
            Front(listening, options.host, office).serve()
        finally:
            listening.close()  # who still wants to tell something hears at once that it is over
            office.close()
            with suppress(OSError):
                place.unlink()


def _address_of(home: Home) -> str:
    from sqlalchemy.engine import URL

    url = URL.create("sqlite", database=str(home.store))
    return url.render_as_string(hide_password=False)


def program_of_study(root: Path, study: str, store: str | None) -> Program:
    """The program of a study that the store has.

    Raises:
        Problem: the store has no such study, or cannot be used.
    """
    opened = Store.open(store) if store else Store.at(Home(root.absolute(), study).store)
    try:
        record = opened.study(study)
    finally:
        opened.close()
    if record is None:
        raise Problem(
            "OFC761",
            f"the store has no study `{study}`",
            "name the spec instead: `ofc functions serve omniforce.yaml`",
        )
    return from_plain(Program, json.loads(record.program))


def standing_at(root: Path, study: str) -> tuple[str, dict[str, object]]:
    """The address of a study's functions, and what `GET /functions` says there.

    Raises:
        Problem: nobody serves them.
    """
    try:
        text = (Home(root.absolute(), study).directory / _ADDRESS).read_text(encoding="ascii")
        address = text.strip()
        answer = request("GET", f"{address}/functions", headers={}, timeout=10.0)
        found: object = json.loads(answer.body)
    except (OSError, NoAnswer, ValueError) as error:
        raise _nobody(study) from error
    if answer.status != 200 or not isinstance(found, dict) or found.get("study") != study:
        raise _nobody(study)
    return address, found


def _nobody(study: str) -> Problem:
    return Problem(
        "OFC820",
        f"nobody serves the functions of `{study}` here",
        f"start them with `ofc functions serve --study {study}`",
    )
