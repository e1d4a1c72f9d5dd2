"""Finds what looks like a password, a key or a token, wherever it stands in a file.

In comments too, inside URLs and inside SQL: a spec lies in git, where nothing is ever gone. What
was found is shown to nobody; a message says where it stands and why it looks like a secret.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Iterator
from itertools import pairwise
from typing import Final

from omniforce.spec.frozen import dataclass
from omniforce.spec.source import Source, Span

SHORTEST: Final = 20
"""Letters below which a random word cannot be told from one that people make."""


@dataclass(frozen=True, slots=True)
class Secret:
    """One place.

    Attributes:
        text: the value itself, so that it can be kept out of messages.
        why: what it looks like, with an article.
    """

    span: Span
    text: str
    why: str

    def __repr__(self) -> str:
        return f"Secret({self.span}, {self.why})"


_KNOWN: Final[tuple[tuple[str, str], ...]] = (
    (r"-----BEGIN (?:[A-Z]{1,15} ){0,4}PRIVATE KEY-----", "a private key"),
    (r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b", "an access key of AWS"),
    (r"\b(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{30,})\b", "a token of GitHub"),
    (r"\bglpat-[A-Za-z0-9_-]{16,}", "a token of GitLab"),
    (r"\bxox[abprs]-[A-Za-z0-9-]{10,}", "a token of Slack"),
    (r"\bsk-[A-Za-z0-9_-]{20,}", "an API key"),
    (r"\bhf_[A-Za-z0-9]{30,}", "a token of Hugging Face"),
    (r"\bAIza[0-9A-Za-z_-]{35}", "an API key of Google"),
    (r"\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*", "a JSON Web Token"),
)
_FORMS: Final = re.compile("|".join(f"({form})" for form, _ in _KNOWN))

_LOGIN = re.compile(
    r"[A-Za-z][A-Za-z0-9+.-]{0,31}://[^\s/:@'\"]{0,255}:(?P<value>[^\s/@'\"]{1,1023})@"
)
_NAMED = re.compile(
    r"(?<![A-Za-z0-9])(?P<name>pass(?:word|wd|phrase)?|pwd|secret|(?:auth|access|api)?[-_]?token|"
    r"(?:api|access|account|secret)[-_]?(?:access[-_]?)?key|sig|signature)"
    r"[\"']?\s*(?P<sign>[=:])\s*[\"']?(?P<value>[^\s'\",;&(){}\[\]]{6,})",
    re.IGNORECASE,
)
_WORD = re.compile(r"[A-Za-z0-9+_-]{20,}=*")
_PLACEHOLDER = re.compile(r"\$|[*x.<]+$|<", re.IGNORECASE)
_HASH = re.compile(r"(sha(1|256|384|512)[:-]|[@/]|\b(ref|rev|revision|commit|digest)\b\W*)$")
_WORDS = re.compile(r"[A-Z]?[a-z]{3,}")
_HEX = re.compile(r"[0-9a-f]+|[0-9A-F]+")


def secrets(source: Source, lines: Collection[int] | None = None) -> Iterator[Secret]:
    """Every place of a file, in its order, each once.

    Args:
        source: the file.
        lines: to look at no others.
    """
    for number, line in enumerate(source.text.split("\n"), start=1):
        if len(line) < 8 or (lines is not None and number not in lines):
            continue
        end = 0
        for start, text, why in sorted(_in_line(line), key=lambda f: (f[0], -len(f[1]))):
            if start >= end:
                end = start + len(text)
                span = Span(source.name, number, start + 1, number, end + 1)
                yield Secret(span, text, why)


def _in_line(line: str) -> Iterator[tuple[int, str, str]]:
    for found in _FORMS.finditer(line):
        yield found.start(), found[0], _KNOWN[(found.lastindex or 1) - 1][1]
    if "://" in line:
        for found in _LOGIN.finditer(line):
            if not _PLACEHOLDER.match(found["value"]):
                yield found.start("value"), found["value"], "a password in a URL"
    for found in _NAMED.finditer(line):
        if _is_value(found["value"], found["sign"]):
            yield found.start("value"), found["value"], f"the value of `{found['name'].lower()}`"
    for found in _WORD.finditer(line):
        if _is_random(found[0]) and not _is_hash(found[0], line[: found.start()]):
            yield found.start(), found[0], f"{len(found[0])} random letters"


def _is_value(value: str, sign: str) -> bool:
    """Whether what stands behind `password` is one, and not a name, a path or a placeholder."""
    if _PLACEHOLDER.match(value) or value.startswith(("{", "[", "/", "file:", "env:", "secret:")):
        return False
    named = re.fullmatch(r"[A-Za-z][a-z]*([-_.][a-z]+)*|[A-Z][A-Z_]*", value)
    return not named and (sign == "=" or any(c.isdigit() for c in value) or len(set(value)) > 7)


def _is_random(word: str) -> bool:
    """Whether a word has more surprise in it than people's words have."""
    # Names are made of words; of a random one the longest piece is random as well.
    body = max(re.split(r"[-_]", word.rstrip("=")), key=len)
    kinds = [_kind(c) for c in body]
    present = set(kinds)
    if "digit" not in present or len(present) < 2 or len(body) < SHORTEST - 4:
        return False
    changes = sum(a != b for a, b in pairwise(kinds)) / len(kinds)
    if _HEX.fullmatch(body):
        return len(body) >= 32 and entropy(body) > 3.0 and changes > 0.2
    if {"lower", "upper", "digit"} <= present:
        rest = _WORDS.sub("", body)  # of a name in camel case little is left
        return entropy(body) > 3.4 and changes > 0.35 and 2 * len(rest) >= len(body)
    return len(body) >= 24 and entropy(body) > 3.8 and changes > 0.3


def _is_hash(word: str, before: str) -> bool:
    """Whether it names content, such as an image's digest or a commit, and hides nothing."""
    return _HASH.search(before) is not None and (
        _HEX.fullmatch(word) is not None or "sha" in before[-8:]
    )


def _kind(character: str) -> str:
    if character.isdigit():
        return "digit"
    if character.isupper():
        return "upper"
    return "lower" if character.isalpha() else "sign"


def entropy(text: str) -> float:
    """Bits a letter, as the text itself has them (Shannon)."""
    counts = Counter(text).values()
    return -sum(n / len(text) * math.log2(n / len(text)) for n in counts)
