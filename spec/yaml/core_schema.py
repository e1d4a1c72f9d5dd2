"""What a plain scalar is, by the core schema of YAML 1.2 (section 10.3.2)."""

from __future__ import annotations

import re
from typing import Final

_WORDS: Final[dict[str, bool | float | None]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
}
_NUMBER: Final = re.compile(
    r"(?P<decimal>[-+]?[0-9]+)"
    r"|0o(?P<octal>[0-7]+)"
    r"|0x(?P<hexadecimal>[0-9a-fA-F]+)"
    r"|[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
)
_LONGEST = 400  # digits; past it a whole number is infinite, as it is in a double


def resolve(text: str) -> bool | int | float | str | None:
    """The value of a scalar written without quotes: `1e-4` is a number, `no` a string."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in "0123456789+-.":
        return text
    match = _NUMBER.fullmatch(text)
    if match is None:
        return text
    if len(text) > _LONGEST:
        return float(text) if text[1] not in "ox" else float("inf")
    match match.lastgroup:
        case "decimal":
            return int(text)
        case "octal":
            return int(match["octal"], 8)
        case "hexadecimal":
            return int(match["hexadecimal"], 16)
        case _:
            return float(text)
