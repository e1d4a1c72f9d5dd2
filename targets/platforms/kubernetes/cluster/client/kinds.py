"""Where a kind is served, from the API server's discovery."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import quote

from ...check.look import items, text
from ...objects import Tree
from ..cluster import Missing


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind as the server knows it; `plural` names it in addresses."""

    api_version: str
    kind: str
    plural: str
    namespaced: bool

    def path(self, namespace: str | None, name: str | None = None) -> str:
        """The address of one object, or of all; `None` for all namespaces."""
        group = "/api/" if "/" not in self.api_version else "/apis/"
        path = f"{group}{self.api_version}"
        if self.namespaced and namespace is not None:
            path += f"/namespaces/{quote(namespace)}"
        path += f"/{self.plural}"
        return path if name is None else f"{path}/{quote(name)}"


@dataclass(slots=True)
class Kinds:
    """Every kind that was asked for, kept for the run; one request for each group and version.

    Attributes:
        read: what the server answers at an address.
    """

    read: Callable[[str, str], Tree]
    _known: dict[str, dict[str, Kind]] = field(default_factory=dict)

    def find(self, api_version: str, kind: str) -> Kind | None:
        """The kind, or None where it is not served."""
        if kind not in self._known.get(api_version, {}):
            # what is not there may have been installed since
            self._known[api_version] = self._ask(api_version)
        return self._known[api_version].get(kind)

    def get(self, api_version: str, kind: str) -> Kind:
        """The kind.

        Raises:
            Missing: it is not served.
        """
        found = self.find(api_version, kind)
        if found is None:
            raise Missing(
                "OFC623",
                f"the cluster does not serve `{kind}` of `{api_version}`",
                "install what brings it, and see docs/kubernetes.md for what a cluster must have",
            )
        return found

    def preferred(self, group: str, kind: str) -> str | None:
        """The version of a group in which a kind is served, the group's favourite first."""
        if not group:
            return "v1" if self.find("v1", kind) is not None else None
        try:
            answer = self.read(f"/apis/{group}", f"discovery of `{group}`")
        except Missing:
            return None
        versions = [text(answer, "preferredVersion", "groupVersion")]
        versions += [text(each, "groupVersion") for each in items(answer, "versions")]
        return next((v for v in dict.fromkeys(filter(None, versions)) if self.find(v, kind)), None)

    def _ask(self, api_version: str) -> dict[str, Kind]:
        path = f"/api/{api_version}" if "/" not in api_version else f"/apis/{api_version}"
        try:
            answer = self.read(path, f"discovery of `{api_version}`")
        except Missing:
            return {}
        resources = answer.get("resources")
        found = (r for r in resources if isinstance(r, dict)) if isinstance(resources, list) else ()
        return {
            str(each["kind"]): Kind(
                api_version, str(each["kind"]), str(each["name"]), bool(each["namespaced"])
            )
            for each in found
            if "/" not in str(each["name"])  # `pods/log` is a part of another
        }
