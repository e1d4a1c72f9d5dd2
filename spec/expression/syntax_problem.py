"""What is wrong with the text of an expression."""

from __future__ import annotations


class SyntaxProblem(Exception):  # noqa: N818 - the caller makes a diagnostic of it
    """The text is no expression of its kind.

    Attributes:
        start, end: the place of it, in characters from the text's own start.
        help: what to write instead.
        code: `OFC201`, or `OFC205` where a unit is the matter.
        instead: what to write from one offset to another, where that is sure.
    """

    def __init__(
        self,
        message: str,
        start: int,
        end: int,
        help: str = "",
        code: str = "OFC201",
        instead: tuple[int, int, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.start = start
        self.end = end
        self.help = help
        self.code = code
        self.instead = instead
