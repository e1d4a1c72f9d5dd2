"""Fetches a template from a registry, by the distribution specification of OCI.

The artifact is as ORAS pushes it: an image manifest with our `artifactType`, and one layer, a tar
archive of the template's folder. Every byte is held against the digest that asked for it.
"""

from __future__ import annotations

import json
import re
from hashlib import sha256
from typing import Final
from urllib.parse import quote, urlencode

from omniforce.spec.templates.reference import Oci

from .credentials import authorization
from .fetched import Fetched, refused, unreachable
from .http import Answer, Unanswered, address, get, hold_next
from .tree import NAME, BadTree
from .unpack import unpack

ARTIFACT: Final = "application/vnd.omniforce.dev.ofc.template.v1+json"
CONTENT: Final = "application/vnd.omniforce.dev.ofc.template.content.v1.tar+gzip"
MANIFEST: Final = "application/vnd.oci.image.manifest.v1+json"

MANIFEST_SIZE: Final = 4 * 2**20
LAYER_SIZE: Final = 32 * 2**20
"""Bytes of an archive as it is sent."""

_DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}")
_CHALLENGE: Final = re.compile(r'([a-z]+)="([^"]*)"')


def fetch_oci(oci: Oci) -> Fetched:
    """The files of an artifact; the revision is the digest of its manifest.

    Raises:
        Problem: the registry does not give it, or what it gives is no template.
    """
    try:
        return _Registry(oci).template()
    except Unanswered as fault:
        raise unreachable(oci.text, str(fault)) from None


class _Registry:
    def __init__(self, oci: Oci) -> None:
        self.oci = oci
        self.base = f"{address(oci.registry)}/v2/{oci.repository}"
        self.authorization: str | None = None

    def template(self) -> Fetched:
        wanted = self.oci.digest or self.oci.tag
        body = self.get(f"manifests/{wanted}", MANIFEST_SIZE, MANIFEST)
        digest = _digest(body)
        if self.oci.digest and digest != self.oci.digest:
            raise refused(self.oci.text, f"the manifest has the digest {digest}")
        layer, size = self.layer(body)
        if size > LAYER_SIZE:
            raise refused(self.oci.text, f"its archive has {size:,} bytes")
        data = self.get(f"blobs/{layer}", size)
        if _digest(data) != layer or len(data) != size:
            raise refused(self.oci.text, "its archive has not the digest that the manifest says")
        try:
            files = unpack(data)
        except BadTree as fault:
            raise refused(self.oci.text, str(fault)) from None
        if NAME not in files:
            raise refused(self.oci.text, f"there is no `{NAME}` in it")
        return Fetched(files, NAME, digest)

    def layer(self, body: bytes) -> tuple[str, int]:
        """The digest and the size of the archive that a manifest names."""
        try:
            manifest = json.loads(body)
        except (ValueError, RecursionError):
            manifest = None
        if not isinstance(manifest, dict):
            raise refused(self.oci.text, "its manifest is no JSON object")
        config = manifest.get("config")
        media = config.get("mediaType") if isinstance(config, dict) else None
        kind = manifest.get("artifactType", media)
        if kind != ARTIFACT:
            raise refused(self.oci.text, f"it is a `{str(kind)[:100]}`")
        layers = manifest.get("layers")
        found = [
            each
            for each in (layers if isinstance(layers, list) else [])
            if isinstance(each, dict) and each.get("mediaType") == CONTENT
        ]
        match found:
            case [{"digest": str(digest), "size": int(size)}] if _DIGEST.fullmatch(digest):
                return digest, size
            case _:
                pass
        raise refused(self.oci.text, f"it has not one layer of `{CONTENT}`")

    def get(self, path: str, limit: int, accept: str = "*/*") -> bytes:
        url = f"{self.base}/{path}"
        answer = get(url, limit, accept, self.authorization)
        if answer.status == 401 and self.authorization is None:
            self.authorization = self.authorized(answer)
            answer = get(url, limit, accept, self.authorization)
        if answer.status in (401, 403):
            raise Unanswered(f"`{self.oci.registry}` does not let you read it ({answer.status})")
        if answer.status == 404:
            raise Unanswered(f"`{self.oci.registry}` has no such {path.partition('/')[0][:-1]}")
        if answer.status != 200:
            raise Unanswered(f"`{self.oci.registry}` answers with {answer.status}")
        return answer.body

    def authorized(self, answer: Answer) -> str:
        """What the registry wants to see: docker's credentials, or a token for them."""
        own = authorization(self.oci.registry)
        scheme, _, rest = answer.challenge.partition(" ")
        if scheme.lower() == "basic" and own is not None:
            return own
        facts = dict(_CHALLENGE.findall(rest))
        if scheme.lower() != "bearer" or "realm" not in facts:
            raise Unanswered(f"`{self.oci.registry}` does not let you read it (401)")
        asked = {"service": facts.get("service", ""), "scope": self.scope()}
        realm = f"{facts['realm']}?{urlencode(asked, quote_via=quote)}"
        hold_next(self.base, realm)
        token = _token(get(realm, MANIFEST_SIZE, "application/json", own))
        if not token:
            raise Unanswered(f"`{self.oci.registry}` gives no token to read it")
        return f"Bearer {token}"

    def scope(self) -> str:
        return f"repository:{self.oci.repository}:pull"


def _token(answer: Answer) -> str:
    try:
        plain = json.loads(answer.body) if answer.status == 200 else {}
    except (ValueError, RecursionError):
        return ""
    found = plain.get("token") or plain.get("access_token") if isinstance(plain, dict) else None
    return found if isinstance(found, str) else ""


def _digest(data: bytes) -> str:
    return f"sha256:{sha256(data).hexdigest()}"
