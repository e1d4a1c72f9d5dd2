"""Where an output comes from: an in-toto Statement (v1) with SLSA's provenance (v1) in it.

https://slsa.dev/spec/v1.0/provenance. Unsigned: whoever signs it puts it into an envelope.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from ..canonical import digest
from ..version import VERSION
from .contents import Contents, Part

BUILD_TYPE: Final = "https://omniforce.dev/provenance/compile/v1"
"""Which says what the parameters mean: docs/targets.md."""

BUILDER: Final = "https://omniforce.dev/ofc"


def provenance(contents: Contents, files: Mapping[str, str]) -> str:
    """The statement about these files, on one line.

    Without `SOURCE_DATE_EPOCH` it holds no time: the same spec gives the same bytes.

    Args:
        contents: what they were made from.
        files: text by path in the output folder; the lock is none of them, since it lists them.
    """
    metadata: dict[str, object] = {}
    if contents.epoch is not None:
        metadata["startedOn"] = timestamp(contents.epoch)
    parameters: dict[str, object] = {
        "spec": contents.spec,
        "target": contents.target,
        "params": dict(contents.params),
    }
    if contents.layout:
        parameters["layout"] = contents.layout
    if contents.settings:
        parameters["settings"] = list(contents.settings)
    run: dict[str, object] = {"builder": {"id": BUILDER, "version": {"ofc": VERSION}}}
    if metadata:
        run["metadata"] = metadata
    statement = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [
            {"name": path, "digest": {"sha256": digest(text).removeprefix("sha256:")}}
            for path, text in sorted(files.items())
        ],
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {
            "buildDefinition": {
                "buildType": BUILD_TYPE,
                "externalParameters": parameters,
                "internalParameters": {"specDigest": contents.digest},
                "resolvedDependencies": [_dependency(part) for part in contents.parts],
            },
            "runDetails": run,
        },
    }
    return json.dumps(statement, ensure_ascii=False, separators=(",", ":")) + "\n"


def timestamp(seconds: int) -> str:
    """Seconds since 1970 as both formats write a time."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _dependency(part: Part) -> dict[str, object]:
    """A ResourceDescriptor: its name says of which kind it is."""
    made: dict[str, object] = {"name": part.kind, "uri": _uri(part)}
    if part.sha256:
        made["digest"] = {"sha256": part.sha256}
    return made


def _uri(part: Part) -> str:
    match part.kind:
        case "image":
            return f"{part.name}{f':{part.version}' if part.version else ''}"
        case "algorithm":
            return f"{part.name}@{part.version}"
        case "spec" | "template":
            return part.name
