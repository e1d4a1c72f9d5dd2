"""Finds a template by its name in a hub: a static index, at an address or in a folder.

`<hub>/<name>/index.json` lists the versions of a template, each with where it is and its digest:

    {"formatVersion": "1.0", "name": "edge-vision", "versions": {
      "1.2.0": {"source": "oci://registry.example.org/templates/edge-vision:1.2.0",
                "digest": "sha256:..."},
      "1.3.0": {"source": "edge-vision-1.3.0.tar.gz", "digest": "sha256:...", "yanked": true}}}

`source` is an archive beside the index, or a reference of git or of a registry. `digest` is that of
the archive, or of the manifest; for git it is the digest of the files. `1.2` means the newest
`1.2.x` that was not taken back.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Final

from omniforce.spec.frozen import dataclass
from omniforce.spec.problem import Problem
from omniforce.spec.templates.reference import Git, Hub, Oci, parse_reference

from .fetched import Fetched, refused, unreachable
from .http import Unanswered, get
from .oci import LAYER_SIZE, fetch_oci
from .tree import NAME, BadTree, tree_digest
from .unpack import unpack

INDEX_SIZE: Final = 4 * 2**20
_VERSION: Final = re.compile(r"([0-9]+)\.([0-9]+)\.([0-9]+)(-[0-9A-Za-z.-]+)?")
_ARCHIVE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}\.tar\.gz")
_DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a template in the index."""

    number: str
    source: str
    digest: str


def fetch_hub(hub: Hub, base: str) -> Fetched:
    """The newest version that a name asks for; the revision says which.

    Args:
        hub: the name.
        base: the address or the folder of the index.

    Raises:
        Problem: there is no such template, or what comes is none.
    """
    if not base:
        raise Problem(
            "OFC366",
            f"`{hub.text}` is a name of a hub, and no hub is known",
            "set `OFC_HUB` to the address of an index, or to a folder with one",
        )
    try:
        version = _chosen(hub, _index(hub, _read(base, f"{hub.name}/index.json", INDEX_SIZE)))
        return _fetched(hub, base, version)
    except Unanswered as fault:
        raise unreachable(hub.text, str(fault)) from None


def _read(base: str, path: str, limit: int) -> bytes:
    if "://" in base:
        answer = get(f"{base.rstrip('/')}/{path}", limit)
        if answer.status != 200:
            raise Unanswered(f"the hub answers with {answer.status} for `{path}`")
        return answer.body
    place = Path(base, path)
    try:
        if place.stat().st_size > limit:
            raise Unanswered(f"`{place}` is larger than {limit:,} bytes")
        return place.read_bytes()
    except OSError as fault:
        raise Unanswered(f"`{place}`: {(fault.strerror or str(fault)).lower()}") from None


def _index(hub: Hub, body: bytes) -> Mapping[str, Version]:
    try:
        plain = json.loads(body)
        if str(plain["formatVersion"]).partition(".")[0] != "1":
            raise ValueError(f"format {plain['formatVersion']}")
        entries = plain["versions"].items()
        return {
            number: Version(number, str(entry["source"]), str(entry["digest"]))
            for number, entry in entries
            if not entry.get("yanked") and _VERSION.fullmatch(number)
        }
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as fault:
        raise Unanswered(f"the index of `{hub.name}` cannot be read: {fault}") from None


def _chosen(hub: Hub, versions: Mapping[str, Version]) -> Version:
    """The newest that fits; one that is not done yet only where it is named in full."""
    exact = versions.get(hub.version)
    if exact is not None:
        return exact
    fitting = [n for n in versions if n.startswith(f"{hub.version}.") and "-" not in n]
    if not fitting:
        known = ", ".join(sorted(versions, key=_order)[-5:])
        raise Problem(
            "OFC366",
            f"the hub has no version `{hub.version}` of `{hub.name}`",
            f"it has {known}" if known else "it has none that was not taken back",
        )
    return versions[max(fitting, key=_order)]


def _order(number: str) -> tuple[int, int, int]:
    match = _VERSION.fullmatch(number)
    return (int(match[1]), int(match[2]), int(match[3])) if match else (0, 0, 0)


def _fetched(hub: Hub, base: str, version: Version) -> Fetched:
    if not _DIGEST.fullmatch(version.digest):
        raise Unanswered(f"the index of `{hub.name}` has no digest for {version.number}")
    if _ARCHIVE.fullmatch(version.source):
        return _archive(hub, base, version)
    reference = parse_reference(version.source)
    match reference:
        case Oci() if reference.digest in ("", version.digest):
            pinned = Oci(
                reference.text, reference.registry, reference.repository, "", version.digest
            )
            made = fetch_oci(pinned)
        case Git() if not reference.url.startswith("file:"):
            from .git import fetch_git

            made = fetch_git(reference)
            if tree_digest(made.files) != version.digest:
                raise refused(hub.text, "its files have not the digest that the index says")
        case _:
            raise Unanswered(f"the index of `{hub.name}` has no source for {version.number}")
    return Fetched(made.files, made.file, version.number)


def _archive(hub: Hub, base: str, version: Version) -> Fetched:
    data = _read(base, f"{hub.name}/{version.source}", LAYER_SIZE)
    if f"sha256:{sha256(data).hexdigest()}" != version.digest:
        raise refused(hub.text, "its archive has not the digest that the index says")
    try:
        files = unpack(data)
    except BadTree as fault:
        raise refused(hub.text, str(fault)) from None
    if NAME not in files:
        raise refused(hub.text, f"there is no `{NAME}` in it")
    return Fetched(files, NAME, version.number)


def hub_of_environment() -> str:
    """The hub that `OFC_HUB` names; empty where there is none."""
    return os.environ.get("OFC_HUB", "")
