"""Who may do what: `access.yaml`, mounted from a Secret, with hashes of tokens and no token.

identities:
  - name: alice
    token_sha256: 5e88…
    roles: {vision: operator, "*": viewer}
  - name: nightly
    subject: CN=nightly,O=acme
    roles: {vision: admin}
proxies:
  - header: x-forwarded-client-cert
    secret_sha256: 2c26…
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, cast

from omniforce.spec.problem import Problem

from .answers import BAD_ACCESS_FILE

Role = Literal["viewer", "operator", "admin"]
ROLES: tuple[Role, ...] = ("viewer", "operator", "admin")
"""Each may do what those before it may."""

EVERY_PROJECT = "*"
MOST_BYTES = 1024 * 1024
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,99}")
PROJECT = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
HASH = re.compile(r"[0-9a-f]{64}")
_HEADER = re.compile(r"[a-z0-9][a-z0-9-]{0,60}")


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody who may ask.

    Attributes:
        name: what the audit list calls them.
        roles: by project; `*` is every project that has no line of its own.
        token_sha256: of their token, in hex.
        subject: of their certificate, as RFC 2253 writes it: `CN=nightly,O=acme`.
        uri: of their certificate, such as `spiffe://…`.
    """

    name: str
    roles: Mapping[str, Role]
    token_sha256: str | None = None
    subject: str | None = None
    uri: str | None = None

    def role(self, project: str) -> Role | None:
        """What they are in a project; None where they are nobody."""
        found = self.roles.get(project)
        return self.roles.get(EVERY_PROJECT) if found is None else found

    def may(self, role: Role, project: str) -> bool:
        """Whether they have at least this role."""
        has = self.role(project)
        return has is not None and ROLES.index(has) >= ROLES.index(role)


@dataclass(frozen=True, slots=True)
class Proxy:
    """Who may say whose certificate it has seen: one that knows a secret.

    Attributes:
        header: that it says it in, and takes from nobody else.
        secret_sha256: of what it sends in `x-ofc-proxy-secret`, in hex.
        form: `xfcc` is Envoy's own form, `subject` the subject alone (nginx).
        hops: how many proxies behind it append their own element to an `xfcc`.
    """

    header: str
    secret_sha256: str
    form: Literal["xfcc", "subject"]
    hops: int = 0


@dataclass(frozen=True, slots=True)
class Access:
    """All of the file."""

    identities: tuple[Identity, ...] = ()
    proxies: tuple[Proxy, ...] = field(default=())


class AccessFile:
    """The file as it is now: it is read anew when it has changed, and refused when it is wrong.

    What was last right is not kept: a token that was taken out must not live on by a slip.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: tuple[bytes, Access] | None = None

    def now(self) -> Access:
        """What it says; where it is missing, nobody may do anything.

        The Secret behind it is optional: a study whose API nobody uses must become ready too.

        Raises:
            Problem: it cannot be read, or not be understood.
        """
        return self.read() if self._path.exists() else Access()

    def read(self) -> Access:
        """What it says.

        Raises:
            Problem: it is missing, cannot be read, or not be understood.
        """
        try:
            with self._path.open("rb") as file:
                content = file.read(MOST_BYTES + 1)
        except OSError as error:
            raise _bad(f"`{self._path}`: {error.strerror or error}") from error
        known = self._known
        if known is not None and known[0] == content:
            return known[1]
        access = read_access(content)
        self._known = content, access
        return access


def read_access(content: bytes) -> Access:
    """What an access file says.

    Raises:
        Problem: it is not to be understood; the message never has a value of the file in it.
    """
    import yaml

    if len(content) > MOST_BYTES:
        raise _bad("it has more than 1 MiB")
    try:
        plain: object = yaml.safe_load(content)
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError, ValueError) as error:
        line = getattr(getattr(error, "problem_mark", None), "line", None)
        raise _bad("it is no YAML" + ("" if line is None else f" (line {line + 1})")) from None
    top = _mapping(plain, "the file", {"identities", "proxies"})
    identities = tuple(
        _identity(each, f"identities[{n}]") for n, each in enumerate(_list(top, "identities"))
    )
    _once([each.name for each in identities], "name")
    for word in ("token_sha256", "subject", "uri"):
        _once([v for each in identities if (v := getattr(each, word)) is not None], word)
    proxies = tuple(_proxy(each, f"proxies[{n}]") for n, each in enumerate(_list(top, "proxies")))
    _once([each.header for each in proxies], "header")
    return Access(identities, proxies)


def _identity(plain: object, where: str) -> Identity:
    known = {"name", "roles", "token_sha256", "subject", "uri"}
    found = _mapping(plain, where, known)
    roles: dict[str, Role] = {}
    given = _mapping(found.get("roles"), f"{where}.roles", None)
    for project, role in given.items():
        if project != EVERY_PROJECT and not PROJECT.fullmatch(project):
            raise _bad(f"a key of `{where}.roles` is neither a project's name nor `*`")
        if role not in ROLES:
            raise _bad(f"a value of `{where}.roles` is none of viewer, operator, admin")
        roles[project] = role
    identity = Identity(
        _text(found, "name", where, NAME) or "",
        roles,
        _text(found, "token_sha256", where, HASH),
        _text(found, "subject", where),
        _text(found, "uri", where),
    )
    if not identity.name:
        raise _bad(f"`{where}` has no `name`")
    if identity.token_sha256 is None and identity.subject is None and identity.uri is None:
        raise _bad(f"`{where}` has none of `token_sha256`, `subject` and `uri`")
    return identity


def _proxy(plain: object, where: str) -> Proxy:
    found = _mapping(plain, where, {"header", "secret_sha256", "form", "hops"})
    header = _text(found, "header", where, _HEADER)
    secret = _text(found, "secret_sha256", where, HASH)
    if header is None or secret is None:
        raise _bad(f"`{where}` has no `header` or no `secret_sha256`: anybody could send it")
    if header in ("authorization", "x-ofc-proxy-secret"):
        raise _bad(f"`{where}.header` is a header with another meaning")
    form = found.get("form", "xfcc" if header == "x-forwarded-client-cert" else "subject")
    if form not in ("xfcc", "subject"):
        raise _bad(f"`{where}.form` is neither `xfcc` nor `subject`")
    hops = found.get("hops", 0)
    if not isinstance(hops, int) or isinstance(hops, bool) or not 0 <= hops <= 10:
        raise _bad(f"`{where}.hops` is no number from 0 to 10")
    return Proxy(header, secret, form, hops)


def _mapping(plain: object, where: str, known: set[str] | None) -> Mapping[str, object]:
    if not isinstance(plain, dict) or not all(isinstance(key, str) for key in plain):
        raise _bad(f"`{where}` is no mapping")
    found = cast("dict[str, object]", plain)
    if known is not None and (odd := sorted(set(found) - known)):
        help_ = "write its hash: `ofc api token` makes both" if "token" in odd else ""
        raise _bad(f"`{where}` knows only {', '.join(sorted(known))}", help_)
    return found


def _list(top: Mapping[str, object], key: str) -> Sequence[object]:
    found = top.get(key)
    if found is None:
        return ()
    if not isinstance(found, list):
        raise _bad(f"`{key}` is no list")
    return cast("list[object]", found)


def _text(
    found: Mapping[str, object], key: str, where: str, pattern: re.Pattern[str] | None = None
) -> str | None:
    value = found.get(key)
    if value is None:
        return None
    if not isinstance(value, str) or not value.isprintable() or not 0 < len(value) <= 1000:
        raise _bad(f"`{where}.{key}` is no line of text")
    if pattern is not None and not pattern.fullmatch(value):
        raise _bad(f"`{where}.{key}` does not look like one: {pattern.pattern}")
    return value


def _once(values: Sequence[str], what: str) -> None:
    if len(set(values)) < len(values):
        raise _bad(f"two entries have the same `{what}`")


def _bad(message: str, help: str = "") -> Problem:
    return Problem(
        BAD_ACCESS_FILE,
        f"the access file cannot be used: {message}",
        help or "`ofc explain OFC839` shows one; until it is right, nobody is let in",
    )
