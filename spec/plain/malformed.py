"""What is wrong with data that should be one of our values."""

from __future__ import annotations


class MalformedPlain(Exception):  # noqa: N818 - says what is wrong with data, not with us
    """Data that is no value of the wanted type. The message says where and why."""

    def __init__(self, where: str, problem: str) -> None:
        super().__init__(f"{where or 'the value'}: {problem}")
        self.where = where
        self.problem = problem


def shown(plain: object) -> str:
    """The data, cut where it is long."""
    text = repr(plain)
    return text if len(text) <= 60 else f"{text[:60]}..."
