"""Where a template is, as `use` says it.

    ./templates/edge.yaml                                   a file, or a folder with template.yaml
    git::https://host/org/repo//folder?ref=v1.2.0           a git repository at a tag or a commit
    oci://registry/org/name:1.2.0, oci://...@sha256:...     an OCI artifact
    edge-vision@1.2                                         a name in the hub

No credentials stand in it: git and the registry's client find their own.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from ..frozen import dataclass


@dataclass(frozen=True, slots=True)
class Local:
    """A path, from the folder of the file that says it."""

    text: str
    path: str


@dataclass(frozen=True, slots=True)
class Git:
    """A folder, or a file, of a repository; `ref` is a tag or a whole commit."""

    text: str
    url: str
    path: str
    ref: str


@dataclass(frozen=True, slots=True)
class Oci:
    """An artifact of a registry; by its digest where that is written, else by its tag."""

    text: str
    registry: str
    repository: str
    tag: str
    digest: str


@dataclass(frozen=True, slots=True)
class Hub:
    """A name of the hub; `1.2` means the newest `1.2.x`."""

    text: str
    name: str
    version: str


Remote = Git | Oci | Hub
Reference = Local | Remote


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A text that is no reference, and why."""

    code: str
    message: str
    help: str


_REF: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/+-]{0,199}")
_PATH: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+@-]*(/[A-Za-z0-9_][A-Za-z0-9._+@-]*)*")
_HOST: Final = r"[A-Za-z0-9.-]+(?::[0-9]{1,5})?|\[[0-9A-Fa-f:]+\](?::[0-9]{1,5})?"
_OCI: Final = re.compile(
    rf"(?P<registry>{_HOST})/(?P<repository>[a-z0-9]+(?:[._/-]+[a-z0-9]+)*)"
    r"(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9._-]{0,127}))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?"
)
_HUB: Final = re.compile(
    r"(?P<name>[a-z0-9]+(?:[-/][a-z0-9]+)*)@(?P<version>[0-9]+(?:\.[0-9]+){0,2}(?:-[0-9A-Za-z.-]+)?)"
)
_COMMIT: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_USERINFO: Final = re.compile(r"(?<=//)[^/@\s?#]*(?=@)|(?<=[?&])(?!ref=)[^=&\s]+=[^&\s\"'\],}]+")

HERE: Final = ("localhost", "127.0.0.1", "::1")
"""Hosts that are spoken to without TLS."""


def parse_reference(text: str) -> Reference | Unreadable:
    """Where a template is; never a word about credentials in what comes of a bad one."""
    if not text or text != text.strip() or any(c.isspace() or not c.isprintable() for c in text):
        return _bad(text, "is no place of a template")
    if text.startswith("git::"):
        return _git(text)
    if text.startswith("oci://"):
        return _oci(text)
    if "://" in text:
        if text.startswith(("https://", "ssh://", "http://", "file://")):
            way = f"write `git::{redacted(text)[:100]}//folder?ref=v1.2.0`"
            return _bad(text, "does not say how it is fetched", way)
        return _bad(text, "is no place of a template")
    if (match := _HUB.fullmatch(text)) is not None:
        return Hub(text, match["name"], match["version"])
    if text.startswith(("./", "../", "/")) or text.endswith((".yaml", ".yml")):
        return Local(text, text)
    return _bad(text, "is no place of a template")


def is_commit(ref: str) -> bool:
    """Whether a git reference is a whole commit, which never moves."""
    return _COMMIT.fullmatch(ref) is not None


def redacted(text: str) -> str:
    """A text without what its addresses say of who asks: before `@`, and behind `?`."""
    return _USERINFO.sub("***", text)


def masked(text: str) -> str:
    """`redacted` with as many stars as there were characters, so that places stay."""
    return _USERINFO.sub(lambda match: "*" * len(match[0]), text)


def _git(text: str) -> Git | Unreadable:
    try:
        parts = urlsplit(text.removeprefix("git::"))
        user, password, host = parts.username, parts.password, parts.hostname
    except ValueError:
        return _bad(text, "is no address")
    if password is not None or (user is not None and parts.scheme != "ssh"):
        return _credentials(text)
    secure = parts.scheme in ("https", "ssh", "file")
    if not secure and not (parts.scheme == "http" and host in HERE):
        return _bad(
            text, "is not fetched: anybody on the way could change it", "write `https` or `ssh`"
        )
    if parts.scheme != "file" and not re.fullmatch(_HOST, parts.netloc.rpartition("@")[2]):
        return _bad(text, "has no host")
    if user is not None and not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]*", user):
        return _bad(text, "is no address")
    query = parse_qsl(parts.query, keep_blank_values=True)
    if any(name != "ref" for name, _ in query):
        return _credentials(text)
    refs = [value for name, value in query if name == "ref"]
    if len(query) != 1 or len(refs) != 1 or parts.fragment:
        return _bad(
            text, "does not say which version", "end it with `?ref=` and a tag or a whole commit"
        )
    if not _REF.fullmatch(refs[0]) or ".." in refs[0]:
        return _bad(text, "names no tag and no commit", "write `?ref=v1.2.0`")
    repository, _, folder = parts.path.partition("//")
    if not repository.strip("/") or not re.fullmatch(r"[A-Za-z0-9._~/+%-]+", repository):
        return _bad(text, "names no repository")
    if folder and not is_plain_path(folder):
        return _bad(
            text, "has a folder that leads elsewhere", "write the folder without `..` behind `//`"
        )
    return Git(text, f"{parts.scheme}://{parts.netloc}{repository}", folder, refs[0])


def is_plain_path(path: str) -> bool:
    """Whether a relative path stays below where it begins."""
    return _PATH.fullmatch(path) is not None and ".." not in path.split("/")


def _oci(text: str) -> Oci | Unreadable:
    rest = text.removeprefix("oci://")
    if "@" in rest.partition("/")[0]:
        return _credentials(text)
    match = _OCI.fullmatch(rest)
    if match is None:
        return _bad(
            text, "is no artifact of a registry", "write `oci://registry.example.org/name:1.2.0`"
        )
    if match["tag"] is None and match["digest"] is None:
        return _bad(text, "does not say which version", "end it with `:1.2.0` or `@sha256:...`")
    return Oci(
        text, match["registry"], match["repository"], match["tag"] or "", match["digest"] or ""
    )


def _credentials(text: str) -> Unreadable:
    return Unreadable(
        "OFC351",
        f"`{redacted(text)[:200]}` has credentials in it",
        "remove what stands before `@`, and all but `ref` behind `?`: git asks its credential "
        "helper, and a registry's credentials stand in the configuration of docker",
    )


def _bad(text: str, what: str, help_: str = "") -> Unreadable:
    return Unreadable(
        "OFC350",
        f"`{redacted(text)[:200]}` {what}",
        help_
        or "write `./folder/template.yaml`, `git::https://host/repo//folder?ref=v1.2.0`, "
        "`oci://registry/name:1.2.0` or `name@1.2`",
    )
