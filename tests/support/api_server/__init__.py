"""An API server for tests: the real verbs over real HTTP, for the kinds that this project uses."""

from __future__ import annotations

from .answer import Answer, status
from .faults import Fault
from .requests import User
from .server import ApiServer, Asked

__all__ = ["Answer", "ApiServer", "Asked", "Fault", "User", "status"]
