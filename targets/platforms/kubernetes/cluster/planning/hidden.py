"""Values as they may be shown: what may be a secret is not, wherever it stands in a live object."""

from __future__ import annotations

import json
import re
from typing import Final

from omniforce.compiler.lint.secrets import secrets
from omniforce.spec.source import Source

HIDDEN: Final = "(not shown)"

_NAMED: Final = re.compile(r"passw|secret|token|credential|api_?key|private_?key", re.IGNORECASE)
_ENV: Final = re.compile(r"\.env\[([^\]]*)\]\.value$")
_DATA: Final = re.compile(r"^(?:data|stringData)[.\[]([^\]]*)")
_SECRETS: Final = re.compile(r"^(?:data|stringData)\b")


def told(value: object, path: str = "", kind: str = "") -> str:
    """A value as JSON without secrets.

    Args:
        value: of a field.
        path: of the field, which may say that the value is a secret.
        kind: of the object; of a Secret no data is told.
    """
    named = _ENV.search(path) or _DATA.search(path)
    if (kind == "Secret" and _SECRETS.search(path)) or (named and _NAMED.search(named[1])):
        return plain_text(HIDDEN)
    return hide(plain_text(_without(value)))


def hide(text: str) -> str:
    """A text without what looks like a secret in it."""
    for secret in secrets(Source("", text)):
        text = text.replace(secret.text, HIDDEN)
    return text


def plain_text(value: object) -> str:
    """The one text of what a server answered, `Infinity` too, which is no JSON and is sent."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _without(value: object) -> object:
    """A value whose environment variables keep their secrets."""
    if isinstance(value, list):
        return [_without(each) for each in value]
    if not isinstance(value, dict):
        return value
    name = value.get("name")
    if "value" in value and isinstance(name, str) and _NAMED.search(name):
        return {**value, "value": HIDDEN}
    return {key: _without(each) for key, each in value.items()}
