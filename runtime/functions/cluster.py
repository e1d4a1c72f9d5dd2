"""The cluster's API server, asked with the pod's own identity over plain HTTPS."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ..http_client import Answer, NoAnswer, request

_IDENTITY = "/var/run/secrets/kubernetes.io/serviceaccount"
_TIMEOUT = 15.0


@dataclass(frozen=True, slots=True)
class Cluster:
    """Where the API server is and who asks.

    Attributes:
        identity: the directory with `token` and `ca.crt`; read anew each time, since tokens
            are renewed under a running pod.
    """

    url: str
    identity: Path

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Cluster:
        """Reads `KUBERNETES_SERVICE_HOST`, which every pod has, and `OFC_IDENTITY`."""
        host = environment.get("KUBERNETES_SERVICE_HOST", "kubernetes.default.svc")
        port = environment.get("KUBERNETES_SERVICE_PORT_HTTPS", "443")
        name = f"[{host}]" if ":" in host else host
        return cls(f"https://{name}:{port}", Path(environment.get("OFC_IDENTITY", _IDENTITY)))

    def missing(self) -> str | None:
        """What the pod lacks to ask anything, or None."""
        for name in ("token", "ca.crt"):
            if not (self.identity / name).is_file():
                return f"{self.identity / name} is not mounted: the pod has no identity"
        return None

    def ask(
        self,
        method: str,
        path: str,
        body: str = "",
        content: str = "application/json",
        accept: str = "application/json",
    ) -> Answer:
        """One request; `content` is the media type of its body, `accept` that of the answer.

        Raises:
            NoAnswer: the server cannot be reached, or the pod has no identity.
        """
        try:
            token = (self.identity / "token").read_text(encoding="ascii").strip()
            context = ssl.create_default_context(cafile=str(self.identity / "ca.crt"))
        except (OSError, UnicodeDecodeError, ssl.SSLError) as error:
            raise NoAnswer(f"the pod's identity cannot be read: {error}", sent=False) from error
        headers = {"Authorization": f"Bearer {token}", "Accept": accept}
        if body:
            headers["Content-Type"] = content
        return request(
            method,
            self.url + path,
            headers=headers,
            body=body.encode(),
            timeout=_TIMEOUT,
            context=context,
        )
