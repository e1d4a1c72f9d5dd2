"""What is answered: JSON, or a problem document (RFC 9457) with one of our codes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from omniforce.compiler.diagnostics.codes import docs_url, title
from omniforce.spec.problem import Problem

from ...store import faults
from ...trial.contract import Json

NOBODY = "OFC830"
TOO_MANY_ATTEMPTS = "OFC831"
NOT_FOUND = "OFC832"
MAY_NOT = "OFC833"
MALFORMED = "OFC834"
TOO_LARGE = "OFC835"
NO_SUCH_METHOD = "OFC836"
NOT_JSON = "OFC837"
BAD_ACCESS_FILE = "OFC839"
TOO_SLOW = "OFC844"
OTHER_REQUEST = "OFC845"
BUSY = "OFC846"
BUG = "OFC847"

_STATUS = {
    "OFC761": 404,  # no such study
    "OFC781": 409,  # its state forbids it
    "OFC782": 404,  # no such trial
    "OFC783": 422,  # no point of the space
    "OFC784": 409,  # the revision is refused
    faults.OTHER_STUDY: 409,
    faults.TOO_LARGE: 413,
    NOBODY: 401,
    TOO_MANY_ATTEMPTS: 429,
    NOT_FOUND: 404,
    MAY_NOT: 403,
    MALFORMED: 400,
    TOO_LARGE: 413,
    NO_SUCH_METHOD: 405,
    NOT_JSON: 415,
    BAD_ACCESS_FILE: 503,
    TOO_SLOW: 408,
    OTHER_REQUEST: 422,
    BUSY: 503,
    BUG: 500,
    "OFC848": 400,  # no condition on trials
}
_OF_THE_STORE = frozenset(
    {
        faults.CORRUPT,
        faults.LOCKED,
        faults.READ_ONLY,
        faults.FULL,
        faults.NEWER,
        faults.UNREACHABLE,
        "OFC757",
        "OFC758",
        BAD_ACCESS_FILE,
    }
)
"""Their messages name places that are nobody's business; the log has them."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer.

    Attributes:
        headers: beside content type and length; names in small letters.
    """

    status: int
    body: bytes
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()


class Refusal(Exception):  # noqa: N818 - what the caller did, not what we did
    """A request that gets no more than this answer.

    Attributes:
        status: other than the code's own, where one is given.
        headers: that the answer has.
    """

    def __init__(
        self, code: str, detail: str, help: str = "", headers: tuple[tuple[str, str], ...] = ()
    ) -> None:
        super().__init__(detail)
        self.code, self.detail, self.help, self.headers = code, detail, help, headers

    @property
    def status(self) -> int:
        """As HTTP has it."""
        return _STATUS.get(self.code, 400)

    def answer(self) -> Answer:
        """The problem document."""
        document = {
            "type": docs_url(self.code),
            "title": title(self.code),
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            "help": self.help,
        }
        body = json.dumps({name: value for name, value in document.items() if value != ""})
        return Answer(self.status, body.encode(), "application/problem+json", self.headers)


def of_problem(problem: Problem) -> Refusal:
    """What a caller is told of a problem."""
    told = problem.diagnostic
    if told.code in _OF_THE_STORE:
        return _Later(told.code)
    return Refusal(told.code, told.message, told.help)


class _Later(Refusal):
    """It is not the caller's fault, and may be over soon."""

    def __init__(self, code: str) -> None:
        super().__init__(code, f"{title(code)}; what was asked was not done", "try again later")
        self.headers = (("retry-after", "5"),)

    @property
    def status(self) -> int:
        return 503


def not_found(what: str) -> Refusal:
    """What does not exist, and what the caller may not see, in the same words."""
    return Refusal(NOT_FOUND, f"there is no such {what}, or you may not see it")


def malformed(detail: str, help: str = "") -> Refusal:
    """A request that cannot be read."""
    return Refusal(MALFORMED, detail, help)


def json_answer(
    document: Mapping[str, Json], status: int = 200, headers: tuple[tuple[str, str], ...] = ()
) -> Answer:
    """A JSON document; what is no finite number is null, since JSON knows none."""
    try:
        body = json.dumps(document, allow_nan=False, separators=(",", ":"))
    except ValueError:
        body = json.dumps(_finite(document), allow_nan=False, separators=(",", ":"))
    return Answer(status, body.encode(), headers=headers)


def _finite(value: Json) -> Json:
    if isinstance(value, float):
        return value if value - value == 0 else None
    if isinstance(value, Mapping):
        return {name: _finite(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(each) for each in value]
    return value
