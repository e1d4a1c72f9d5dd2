"""The one text of a value, for digests: the same content gives the same bytes everywhere."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from hashlib import sha256


def canonical(plain: object) -> str:
    """JSON with sorted keys, no spaces and no NaN."""
    return json.dumps(
        plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )


def digest(text: str) -> str:
    """`sha256:...` of a text as UTF-8; of bytes that are none, as `surrogateescape` keeps them."""
    return f"sha256:{sha256(text.encode('utf-8', 'surrogateescape')).hexdigest()}"


def content_digest(value: object) -> str:
    """`sha256:...` of one of our frozen values; fields that take no part in equality do not count.

    Unlike `spec.plain`, it needs no declared types, whose reading takes longer than all passes
    together.
    """
    return digest(canonical(_content(value)))


def _content(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        held = {f.name: getattr(value, f.name) for f in fields(value) if f.compare}
        # a key that a later release added must not make another study of a spec without it
        for f in fields(value):
            later = "reader" in f.metadata or f.metadata.get("later")
            if f.metadata.get("quiet") and later and held[f.name] == f.default:
                del held[f.name]
        return {type(value).__name__: {name: _content(each) for name, each in held.items()}}
    if isinstance(value, dict):
        return {key: _content(each) for key, each in value.items()}
    if isinstance(value, (tuple, list)):
        return [_content(each) for each in value]
    return value
