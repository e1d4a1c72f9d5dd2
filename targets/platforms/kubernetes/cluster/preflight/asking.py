"""What a check may ask, and how it says what it found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from omniforce.compiler.ir.program import Program
from omniforce.spec.diagnostic import Diagnostic, Severity
from omniforce.spec.frozen import dataclass
from omniforce.spec.source import Span

from ...check.look import is_a
from ...names import namespace_of
from ...objects import Tree
from ..cluster import Cluster, Reference


@dataclass(frozen=True, slots=True)
class Asking:
    """A cluster, and the study that it is asked for.

    Attributes:
        prune: whether an apply would also delete.
    """

    cluster: Cluster
    program: Program
    objects: tuple[Tree, ...]
    prune: bool = True

    @property
    def namespace(self) -> str:
        """Of the study."""
        return namespace_of(self.program)

    def of(self, group: str, kind: str) -> Iterator[Tree]:
        """The objects of a kind that would be applied."""
        return (tree for tree in self.objects if is_a(tree, group, kind))

    def get(
        self, api_version: str, kind: str, name: str, namespace: str | None = None
    ) -> Tree | None:
        """A live object; None where there is none."""
        return self.cluster.get(Reference(api_version, kind, namespace, name))

    def list(
        self,
        api_version: str,
        kind: str,
        namespace: str | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> tuple[Tree, ...]:
        """Live objects; none of a kind that is not served."""
        if not self.cluster.serves(api_version, kind):
            return ()
        return self.cluster.list(api_version, kind, namespace, labels)

    def at(self, path: str) -> Span | None:
        """Where the spec says a value, or the nearest block around it, but for `spec` itself."""
        places = dict(self.program.places)
        while "." in path:
            if span := places.get(path):
                return span
            path = path.rpartition(".")[0]
        return None


def error(code: str, message: str, help: str, span: Span | None = None) -> Diagnostic:
    """Something that stops an apply before its first write."""
    return Diagnostic(code, message, span, help=help)


def warning(code: str, message: str, help: str, span: Span | None = None) -> Diagnostic:
    """Something that will probably not work."""
    return Diagnostic(code, message, span, help=help, severity=Severity.WARNING)


def note(code: str, message: str, help: str, span: Span | None = None) -> Diagnostic:
    """Something to know, or that cannot be known."""
    return Diagnostic(code, message, span, help=help, severity=Severity.NOTE)
