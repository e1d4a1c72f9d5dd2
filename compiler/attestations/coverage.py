"""What both bills of materials say of themselves, and how they call things."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from .contents import Part

COVERS: Final = (
    "Covers what the compiled study names: the spec, its templates, the algorithm and the "
    "container images of the manifests. It does not cover what is inside the images."
)


def package_url(part: Part) -> str | None:
    """An image's package URL; None for what package URLs have no type for."""
    if part.kind != "image":
        return None
    name = part.name.rpartition("/")[2].lower()
    version = f"@sha256%3A{part.sha256}" if part.sha256 else ""
    qualifiers = [f"repository_url={quote(part.name.lower(), safe='/')}"]
    qualifiers += [f"tag={quote(part.version)}"] if part.version else []
    return f"pkg:oci/{quote(name)}{version}?{'&'.join(qualifiers)}"


def identifier(part: Part) -> str:
    """A part's name for references inside a document: letters, digits, dots and dashes."""
    text = f"{part.kind}-{part.name}-{part.version or part.sha256[:12]}".rstrip("-")
    return "".join(c if c.isascii() and (c.isalnum() or c in ".-") else "-" for c in text)
