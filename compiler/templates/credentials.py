"""The credentials of a registry as docker keeps them; they go to that registry alone."""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
from pathlib import Path
from typing import Final

TIMEOUT: Final = 20.0
"""Seconds that a credential helper may take."""


def authorization(registry: str) -> str | None:
    """The value of `Authorization` for Basic, or None where docker knows of no credentials.

    Reads `config.json` of `DOCKER_CONFIG`, or of `~/.docker`: what stands under `auths`, or what
    the helper says that stands under `credHelpers` or `credsStore`.
    """
    folder = os.environ.get("DOCKER_CONFIG") or str(Path.home() / ".docker")
    try:
        plain = json.loads(Path(folder, "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(plain, dict):
        return None
    helper = _text(_under(plain, "credHelpers"), registry) or _text(plain, "credsStore")
    if helper:
        return _asked(helper, registry)
    auths = _under(plain, "auths")
    for name in (registry, f"https://{registry}", f"https://{registry}/v2/"):
        entry = _under(auths, name)
        if auth := _text(entry, "auth"):
            return f"Basic {auth}"
        user, password = _text(entry, "username"), _text(entry, "password")
        if user and password:
            return _basic(user, password)
    return None


def _under(plain: object, key: str) -> dict[str, object]:
    found = plain.get(key) if isinstance(plain, dict) else None
    return found if isinstance(found, dict) else {}


def _text(plain: dict[str, object], key: str) -> str:
    found = plain.get(key)
    return found if isinstance(found, str) else ""


def _basic(user: str, password: str) -> str:
    return f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"


def _asked(helper: str, registry: str) -> str | None:
    if not re.fullmatch(r"[A-Za-z0-9_.-]+", helper):
        return None
    try:
        done = subprocess.run(  # noqa: S603 - docker's own protocol for helpers
            [f"docker-credential-{helper}", "get"],
            input=registry.encode(),
            capture_output=True,
            timeout=TIMEOUT,
            check=True,
        )
        plain = json.loads(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
    user, secret = _text(plain, "Username"), _text(plain, "Secret")
    return _basic(user, secret) if user and secret else None
