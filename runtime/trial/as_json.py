"""Requests and reports as JSON, for a pipe or a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any, cast

from omniforce.spec.blocks.algorithm import AlgorithmInterface
from omniforce.spec.blocks.devices import Device
from omniforce.spec.plain.values import from_plain, to_plain

from .contract import TrialReport, TrialRequest

_PLAIN = tuple(f.name for f in fields(TrialRequest) if f.name not in ("algorithm", "devices"))


def request_to_json(request: TrialRequest) -> dict[str, object]:
    """The request as an object of JSON."""
    values: dict[str, object] = {name: getattr(request, name) for name in _PLAIN}
    return {
        **values,
        "algorithm": to_plain(request.algorithm),
        "devices": [to_plain(device) for device in request.devices],
    }


def request_from_json(message: Mapping[str, object]) -> TrialRequest:
    """The request again; equal to the one that was written."""
    values = cast("Any", dict(message))
    values["metrics"] = tuple(values["metrics"])
    values["algorithm"] = from_plain(AlgorithmInterface, values["algorithm"])
    values["devices"] = tuple(from_plain(Device, each) for each in values["devices"])
    return TrialRequest(**values)


def report_to_json(report: TrialReport) -> dict[str, object]:
    """The report as an object of JSON."""
    return asdict(report)


def report_from_json(message: Mapping[str, object]) -> TrialReport:
    """The report again."""
    return TrialReport(**cast("Any", message))
