"""The characters that a spec may be made of."""

from __future__ import annotations

from typing import Final

FORMATS: Final = (
    "\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\ufeff\ufff9-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0001\U000e0020-\U000e007f"
)
"""What turns, hides or joins the text around it: Unicode's category Cf, as a class of `re`.

With U+2028 and U+2029, which break lines for some. A spec may have them in its values; whoever
shows a value spells them out.
"""


def bad_character(text: str) -> tuple[int, str, str, str] | None:
    """Offset, message, label and help of the first character that no spec may have.

    Refused are control characters, and what YAML 1.1 and some editors take for a line break and
    YAML 1.2 does not: with them, a reviewer would not see what a program reads.
    """
    bad = [c for c in set(text) if not _allowed(ord(c))]
    if not bad:
        return None
    at = min(map(text.index, bad))
    number = ord(text[at])
    if number == 0:
        help_ = "remove it; if the whole file looks like this, save it as UTF-8, not as UTF-16"
    elif number in (0x85, 0x2028, 0x2029):
        help_ = "some programs read it as the end of the line; remove it"
    else:
        help_ = f'remove it, or write it as "\\u{number:04x}" in double quotes'
    name = f"U+{number:04X}"
    return at, f"the character {name} is not allowed in a spec", name, help_


def _allowed(number: int) -> bool:
    if number < 0xA0:
        return 0x20 <= number < 0x7F or number in (0x09, 0x0A, 0x0D)
    breaks = number in (0x2028, 0x2029, 0xFEFF)
    return not breaks and not 0xD800 <= number <= 0xDFFF and number not in (0xFFFE, 0xFFFF)
