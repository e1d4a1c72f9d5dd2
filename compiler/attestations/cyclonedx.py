"""The bill of materials as CycloneDX 1.6, in JSON."""

from __future__ import annotations

import json
import uuid
from typing import Final

from ..canonical import canonical, content_digest
from ..version import VERSION
from .contents import Contents, Kind, Part
from .coverage import COVERS, identifier, package_url
from .provenance import timestamp

_TYPES: Final[dict[Kind, str]] = {
    "spec": "file",
    "template": "file",
    "algorithm": "library",
    "image": "container",
}
_NAMESPACE: Final = uuid.uuid5(uuid.NAMESPACE_URL, "https://omniforce.dev/sbom")


def cyclonedx(contents: Contents) -> str:
    """The document; its serial number is made of what it says, and never drawn."""
    root = {
        "type": "application",
        "bom-ref": "study",
        "name": contents.study,
        "version": contents.digest.removeprefix("sha256:")[:12],
    }
    tool = {"type": "application", "name": "ofc", "version": VERSION}
    metadata: dict[str, object] = {"tools": {"components": [tool]}, "component": root}
    if contents.epoch is not None:
        metadata = {"timestamp": timestamp(contents.epoch), **metadata}
    metadata["properties"] = [
        {"name": "omniforce:covers", "value": COVERS},
        {"name": "omniforce:target", "value": contents.target},
    ]
    references = [identifier(part) for part in contents.parts]
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": uuid.uuid5(_NAMESPACE, canonical(content_digest(contents))).urn,
        "version": 1,
        "metadata": metadata,
        "components": [_component(part) for part in contents.parts],
        "dependencies": [{"ref": "study", "dependsOn": references}],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _component(part: Part) -> dict[str, object]:
    made: dict[str, object] = {
        "type": _TYPES[part.kind],
        "bom-ref": identifier(part),
        "name": part.name,
    }
    if part.version:
        made["version"] = part.version
    if part.sha256:
        made["hashes"] = [{"alg": "SHA-256", "content": part.sha256}]
    if url := package_url(part):
        made["purl"] = url
    return made
