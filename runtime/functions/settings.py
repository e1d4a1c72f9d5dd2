"""What a function is told by its environment and its mounted files."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from omniforce.compiler.ir.program import Program

EVERYTHING = ("OFC_STUDY", "OFC_NAMESPACE", "OFC_BROKER", "OFC_STORE_URL")


class MissingSetting(Exception):  # noqa: N818
    """The environment or a mounted file is not as the manifests make it."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Where a function is and whom it talks to.

    Attributes:
        broker: the URL that events are POSTed to.
        store: the store's address; it holds a password, so it is never printed.
        directory: where `study.json`, `tick.json` and `release.json` are mounted.
    """

    study: str
    namespace: str
    broker: str
    store: str
    directory: Path

    @classmethod
    def read(cls, environment: Mapping[str, str], needed: Sequence[str] = EVERYTHING) -> Settings:
        """Reads the variables; those that are not `needed` may be missing.

        Raises:
            MissingSetting: one that is needed is not set.
        """
        missing = [name for name in needed if not environment.get(name)]
        if missing:
            raise MissingSetting(f"{', '.join(missing)} must be set")
        broker = environment.get("OFC_BROKER", "")
        if broker and not broker.startswith(("http://", "https://")):
            raise MissingSetting("OFC_BROKER is no http(s) URL")
        return cls(
            study=environment.get("OFC_STUDY", ""),
            namespace=environment.get("OFC_NAMESPACE", ""),
            broker=broker,
            store=environment.get("OFC_STORE_URL", ""),
            directory=Path(environment.get("OFC_CONFIG", "/etc/ofc")),
        )

    def program_text(self) -> str:
        """The compiled study as JSON text.

        Raises:
            MissingSetting: it is not mounted.
        """
        return self._read("study.json")

    def tick(self) -> str:
        """The PingSource of the tick as JSON text.

        Raises:
            MissingSetting: it is not mounted.
        """
        return self._read("tick.json")

    def release(self) -> str | None:
        """What is started when the study is over as JSON text; None where nothing is."""
        return self._read("release.json") if (self.directory / "release.json").exists() else None

    def _read(self, name: str) -> str:
        try:
            return (self.directory / name).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise MissingSetting(f"{self.directory / name}: {error}") from error


def program_of(text: str) -> Program:
    """The compiled study out of its JSON text.

    Raises:
        MissingSetting: it is none.
    """
    from omniforce.compiler.ir.program import Program
    from omniforce.spec.plain.values import from_plain

    try:
        program = from_plain(Program, json.loads(text))
    except (ValueError, TypeError, KeyError) as error:
        raise MissingSetting(f"study.json holds no compiled study: {error}") from error
    return program


def tick_name(text: str) -> str:
    """What the tick is called.

    Raises:
        MissingSetting: the file holds no named object.
    """
    try:
        name = json.loads(text)["metadata"]["name"]
    except (ValueError, TypeError, KeyError) as error:
        raise MissingSetting("tick.json holds no named object") from error
    if not isinstance(name, str):
        raise MissingSetting("tick.json holds no named object")
    return name
