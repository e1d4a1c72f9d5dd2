"""What all requests share: the store, whom to let in, and what is sent after a deed."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from omniforce.spec.problem import Problem

from ...outbox import FROM_API, flush
from ...store.store import Store
from ..settings import Settings
from ..store_door import StoreDoor
from .access_file import AccessFile

ACCESS = "/etc/ofc/access/access.yaml"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Desk:
    """What a request may use.

    Attributes:
        runner: what runs the trials that people add.
    """

    door: StoreDoor
    access: AccessFile
    messenger: Messenger
    runner: str

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Desk:
        """As the environment says; opens nothing.

        Raises:
            MissingSetting: there is no store to ask.
        """
        settings = Settings.read(environment, ("OFC_STORE_URL",))
        door = StoreDoor(settings.store)
        access = AccessFile(Path(environment.get("OFC_ACCESS", ACCESS)))
        runner = environment.get("OFC_RUNNER", "job")
        return cls(door, access, Messenger(door, settings.broker), runner)

    @property
    def store(self) -> Store:
        """The store.

        Raises:
            Problem: it cannot be opened, for now.
        """
        return self.door.open()

    def close(self) -> None:
        """Sends what is to be sent, and gives the store back."""
        self.messenger.close()
        self.door.close()


class Messenger:
    """Sends a study's events after the answer: a broker that is slow holds nobody.

    What is not sent stays in the outbox; the next deed on the study, and its tick, send it.
    """

    def __init__(self, door: StoreDoor, broker: str) -> None:
        self._door, self._broker = door, broker
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="ofc-send")
        self._lock = threading.Lock()
        self._waiting: set[str] = set()

    def send(self, study: str) -> None:
        """Soon."""
        if not self._broker:
            return
        with self._lock:
            if study in self._waiting:
                return
            self._waiting.add(study)
        self._pool.submit(self._send, study)

    def close(self) -> None:
        """When all is sent, or a broker has had its time."""
        self._pool.shutdown(wait=True)

    def _send(self, study: str) -> None:
        with self._lock:
            self._waiting.discard(study)
        try:
            flush(self._door.open(), study, FROM_API, self._broker)
        except Problem as problem:
            log.warning("events of %s wait: %s", study, problem.diagnostic.code)
        except Exception:
            log.exception("events of %s wait", study)
