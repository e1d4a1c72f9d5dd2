"""What a template is read from: given to `load`, since the language itself opens no file."""

from __future__ import annotations

from typing import Protocol

from ..frozen import dataclass
from ..source import Source
from .reference import Reference


@dataclass(frozen=True, slots=True)
class Opened:
    """A template that was found.

    Attributes:
        source: its text, by the name that messages call it.
        identity: the same for the same template, however it was named.
        name: what the lock calls it.
        digest: of all that it may bring along, `sha256:...`.
        root: the folder that it may not leave.
        directory: the folder of the file itself.
    """

    source: Source
    identity: str
    name: str
    digest: str
    root: str
    directory: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Why there is no such template."""

    code: str
    message: str
    help: str
    label: str = ""


class Templates(Protocol):
    """Finds templates, on disk and in what was vendored; never on a network."""

    def open(self, reference: Reference, user: Opened | None) -> Opened | Refused:
        """The template.

        Args:
            reference: where it is.
            user: the template that uses it; None for the spec itself.
        """
        ...

    def beside_spec(self, opened: Opened, path: str) -> str | None:
        """A file of a template as a path from the spec's folder; None where it is none of it."""
        ...
