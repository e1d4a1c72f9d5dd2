"""Starts the `release` pipeline through the API of Kubeflow Pipelines, once a study.

Every call asks first whether the run is there already, so that a repeated `study.completed`
starts nothing twice.
"""

from __future__ import annotations

import json
import logging
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast
from urllib.parse import quote, urlencode

from ..http_client import Answer, NoAnswer, request

log = logging.getLogger(__name__)

_TIMEOUT = 15.0
_PAGE = 50
_MOST = 16 * 2**20  # each version and run comes with its whole pipeline


class Unavailable(Exception):  # noqa: N818
    """The pipelines cannot be reached or do not know the release yet; later they may."""


class Refused(Exception):  # noqa: N818
    """The pipelines will not start the release however often they are asked, or are not there."""


@dataclass(frozen=True, slots=True)
class Release:
    """What is to be started, as `release.json` of the study's ConfigMap says it.

    Attributes:
        api: URL of the API, `http://ml-pipeline.kubeflow.svc.cluster.local:8888`.
        pipeline: the name of the Pipeline.
        version: the name of its PipelineVersion.
        account: the ServiceAccount that its pods run as.
    """

    api: str
    namespace: str
    pipeline: str
    version: str
    account: str

    @classmethod
    def read(cls, text: str) -> Release:
        """Reads the JSON text.

        Raises:
            ValueError: it is not as the manifests make it.
        """
        plain: object = json.loads(text)
        names = ("api", "namespace", "pipeline", "version", "account")
        found = cast("Mapping[str, object]", plain if isinstance(plain, dict) else {})
        values = [value for name in names if isinstance(value := found.get(name), str)]
        if len(values) != len(names):
            raise ValueError("release.json names no pipeline")
        return cls(*values)

    def start(self) -> str:
        """Starts the run, or finds it; gives its id.

        Raises:
            Unavailable: asking again may help.
            Refused: it will not.
        """
        query = urlencode({"namespace": self.namespace})
        pipeline = _text(
            self._get(f"/apis/v2beta1/pipelines/names/{quote(self.pipeline)}?{query}"),
            "pipeline_id",
        )
        version = self._version(pipeline)
        known = self._known(version)
        if known is not None:
            return known
        body = {
            "display_name": self.version,
            "pipeline_version_reference": {
                "pipeline_id": pipeline,
                "pipeline_version_id": version,
            },
            "service_account": self.account,
        }
        return _text(self._ask("POST", "/apis/v2beta1/runs", body), "run_id")

    def _version(self, pipeline: str) -> str:
        path = f"/apis/v2beta1/pipelines/{quote(pipeline)}/versions"
        page = self._get(f"{path}?{urlencode({'page_size': _PAGE, 'sort_by': 'created_at desc'})}")
        for each in _list(page, "pipeline_versions"):
            if self.version in (each.get("name"), each.get("display_name")):
                return _text(each, "pipeline_version_id")
        raise Unavailable(f"the pipeline `{self.pipeline}` has no version `{self.version}` yet")

    def _known(self, version: str) -> str | None:
        query = {
            "namespace": self.namespace,
            "page_size": _PAGE,
            "sort_by": "created_at desc",
        }
        for each in _list(self._get(f"/apis/v2beta1/runs?{urlencode(query)}"), "runs"):
            reference = each.get("pipeline_version_reference")
            if not isinstance(reference, dict):
                continue
            if cast("Mapping[str, object]", reference).get("pipeline_version_id") == version:
                return _text(each, "run_id")
        return None

    def _get(self, path: str) -> Mapping[str, object]:
        return self._ask("GET", path, None)

    def _ask(self, method: str, path: str, body: object) -> Mapping[str, object]:
        try:
            answer = request(
                method,
                self.api + path,
                headers={"Accept": "application/json", "Content-Type": "application/json"},
                body=json.dumps(body).encode() if body is not None else b"",
                timeout=_TIMEOUT,
                most=_MOST,
            )
        except NoAnswer as error:
            if isinstance(error.__cause__, socket.gaierror):
                raise Refused(f"{self.api}: no host of that name, so no pipelines here") from error
            raise Unavailable(f"{self.api} does not answer: {error}") from error
        return _read(answer, f"{method} {path}")


def _read(answer: Answer, what: str) -> Mapping[str, object]:
    if answer.status >= 500 or answer.status in (404, 408, 409, 429):
        raise Unavailable(f"{what}: {answer.status}")
    if answer.status >= 300:
        raise Refused(f"{what}: {answer.status}: {str(answer.body)[:300]}")
    try:
        plain: object = json.loads(answer.body)
    except ValueError as error:
        raise Refused(f"{what}: the answer is no JSON") from error
    if not isinstance(plain, dict):
        raise Refused(f"{what}: the answer is no JSON object")
    return cast("Mapping[str, object]", plain)


def _text(plain: Mapping[str, object], name: str) -> str:
    found = plain.get(name)
    if not isinstance(found, str) or not found:
        raise Refused(f"the answer has no `{name}`")
    return found


def _list(plain: Mapping[str, object], name: str) -> list[dict[str, object]]:
    found = plain.get(name)
    items = cast("list[object]", found) if isinstance(found, list) else []
    return [cast("dict[str, object]", each) for each in items if isinstance(each, dict)]
