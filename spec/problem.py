"""A fault of this run that the user can mend: a missing file, a port in use, a full disk."""

from __future__ import annotations

from .diagnostic import Diagnostic
from .source import Span


class Problem(Exception):  # noqa: N818 - the word that people read
    """Stops a run with one clear message and exit code 1; nothing that was stored is lost."""

    def __init__(self, code: str, message: str, help: str = "", span: Span | None = None) -> None:
        super().__init__(message)
        self.diagnostic = Diagnostic(code, message, span, help=help)

    def __reduce__(self) -> tuple[type[Problem], tuple[object, ...]]:
        """How it comes home from another process; a subclass comes as a plain problem."""
        told = self.diagnostic
        return Problem, (told.code, told.message, told.help, told.span)
