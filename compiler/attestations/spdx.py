"""The bill of materials as SPDX 2.3, in JSON."""

from __future__ import annotations

import json
from typing import Final

from ..version import VERSION
from .contents import Contents, Kind, Part
from .coverage import COVERS, identifier, package_url
from .provenance import timestamp

ROOT: Final = "SPDXRef-study"

_PURPOSES: Final[dict[Kind, str]] = {
    "spec": "SOURCE",
    "template": "SOURCE",
    "algorithm": "LIBRARY",
    "image": "CONTAINER",
}


def spdx(contents: Contents) -> str:
    """The document. SPDX demands a time: without `SOURCE_DATE_EPOCH` it is that of 1970."""
    spec_digest = contents.digest.removeprefix("sha256:")
    study = {
        "SPDXID": ROOT,
        "name": contents.study,
        "versionInfo": spec_digest[:12],
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "primaryPackagePurpose": "APPLICATION",
        "licenseConcluded": "NOASSERTION",
        "licenseDeclared": "NOASSERTION",
        "copyrightText": "NOASSERTION",
    }
    document = {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": f"{contents.study}-{contents.target}",
        "documentNamespace": (
            f"https://omniforce.dev/sbom/{contents.study}/{contents.target}/{spec_digest}"
        ),
        "comment": COVERS,
        "creationInfo": {
            "created": timestamp(contents.epoch or 0),
            "creators": [f"Tool: ofc-{VERSION}"],
        },
        "documentDescribes": [ROOT],
        "packages": [study, *(_package(part) for part in contents.parts)],
        "relationships": [
            {
                "spdxElementId": "SPDXRef-DOCUMENT",
                "relationshipType": "DESCRIBES",
                "relatedSpdxElement": ROOT,
            },
            *(_relationship(part) for part in contents.parts),
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _package(part: Part) -> dict[str, object]:
    made: dict[str, object] = {"SPDXID": _id(part), "name": part.name}
    if part.version:
        made["versionInfo"] = part.version
    made |= {
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "primaryPackagePurpose": _PURPOSES[part.kind],
        "licenseConcluded": "NOASSERTION",
        "licenseDeclared": "NOASSERTION",
        "copyrightText": "NOASSERTION",
    }
    if part.sha256:
        made["checksums"] = [{"algorithm": "SHA256", "checksumValue": part.sha256}]
    if url := package_url(part):
        made["externalRefs"] = [
            {
                "referenceCategory": "PACKAGE-MANAGER",
                "referenceType": "purl",
                "referenceLocator": url,
            }
        ]
    return made


def _relationship(part: Part) -> dict[str, str]:
    kind = "GENERATED_FROM" if part.kind in ("spec", "template") else "DEPENDS_ON"
    return {"spdxElementId": ROOT, "relationshipType": kind, "relatedSpdxElement": _id(part)}


def _id(part: Part) -> str:
    return f"SPDXRef-{identifier(part)}"
