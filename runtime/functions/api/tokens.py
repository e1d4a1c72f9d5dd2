"""Tokens: made here, known by their hash and nowhere kept."""

from __future__ import annotations

import hashlib
import secrets

PREFIX = "ofc_"
"""So that a scanner for secrets knows one where it should not be."""


def new_token() -> str:
    """A token of 256 random bits."""
    return PREFIX + secrets.token_urlsafe(32)


def hash_of(token: str) -> str:
    """What the access file has of a token; 256 bits need no salt and no slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()
