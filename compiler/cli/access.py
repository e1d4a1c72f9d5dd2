"""Where the study of a command is: in `.ofc` here, or behind the API of another place."""

from __future__ import annotations

import getpass
import socket
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from .state import dir_option

if TYPE_CHECKING:
    from omniforce.runtime.steering.access import StudyAccess

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Place:
    """Where to look for a study.

    Attributes:
        root: `.ofc`, where no API is named.
        api: URL of an API, up to `/v1`.
        project: of the API.
        token_file: holds the token and nothing else.
        ca: certificates to trust beside the system's, in PEM.
    """

    root: Path
    api: str | None
    project: str
    token_file: Path | None
    ca: Path | None

    @property
    def is_remote(self) -> bool:
        """Whether the study is behind an API."""
        return self.api is not None

    @contextmanager
    def open(self, study: str | None) -> Generator[StudyAccess]:
        """The study of this name; without one, that which was touched last, or the only one.

        Call it within `late()`.

        Raises:
            Problem: there is none, or it cannot be reached.
        """
        access = self._here(study) if self.api is None else self._there(self.api, study)
        try:
            yield access
        finally:
            access.close()

    def _here(self, study: str | None) -> StudyAccess:
        from omniforce.runtime.local.shown import find_home
        from omniforce.runtime.steering.stored import StoredStudy
        from omniforce.runtime.store.store import Store

        home = find_home(self.root, study)
        store = Store.at(home.store)
        return StoredStudy(store, home.study, who(), log_of=home.log_of, owns_store=True)

    def _there(self, api: str, study: str | None) -> StudyAccess:
        from omniforce.runtime.steering.remote import Api, RemoteStudy

        there = Api.at(api, self.project, self.token_file, self.ca)
        return RemoteStudy(there, there.only_study() if study is None else study)


def access_options(function: F) -> F:
    """The options that say where a study is; the command gets them as one argument `place`."""

    @wraps(function)
    def with_place(*args: object, **options: Any) -> object:
        place = Place(
            options.pop("root"),
            options.pop("api"),
            options.pop("project"),
            options.pop("token_file"),
            options.pop("ca"),
        )
        return function(*args, place=place, **options)

    decorated: Any = with_place
    for option in (
        click.option(
            "--ca",
            envvar="OFC_CA",
            type=click.Path(path_type=Path, dir_okay=False),
            help="Certificates (PEM) to trust for --api.  [env: OFC_CA]",
        ),
        click.option(
            "--token-file",
            envvar="OFC_TOKEN_FILE",
            type=click.Path(path_type=Path, dir_okay=False),
            help="File with the token for --api.  [env: OFC_TOKEN_FILE]",
        ),
        click.option(
            "--project",
            envvar="OFC_PROJECT",
            default="default",
            metavar="NAME",
            help="Of --api.  [default: default; env: OFC_PROJECT]",
        ),
        click.option(
            "--api",
            envvar="OFC_API",
            metavar="URL",
            help="Ask the API there, not `.ofc` here.  [env: OFC_API]",
        ),
        dir_option,
    ):
        decorated = option(decorated)
    made: F = decorated
    return made


def who() -> str:
    """Who sits here, as the record of what people did calls them."""
    try:
        name = getpass.getuser()
    except (OSError, KeyError, ImportError):
        name = "somebody"
    return f"{name}@{socket.gethostname()}"[:253]
