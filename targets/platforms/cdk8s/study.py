"""The construct `Study`: everything that a spec compiles to, as objects that an app can patch.

    chart = Chart(app, "digits")
    study = Study(chart, "digits", spec="omniforce.yaml", params={"trials": 100})
    study.object("InferenceService").add_json_patch(
        JsonPatch.replace("/spec/predictor/minReplicas", 1)
    )

The objects are those of `ofc compile`, in their order; what the app does to them afterwards is
its own affair, and no lock knows of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from os import PathLike, fspath
from typing import Any, cast

from cdk8s import ApiObject, ApiObjectMetadata, JsonPatch
from constructs import Construct

from omniforce.compiler.cli.compiling import compile_spec
from omniforce.compiler.cli.composition import PLATFORMS, Chosen
from omniforce.compiler.diagnostics.text import render_text
from omniforce.compiler.lint.redaction import without_secrets

from ..kubernetes.objects import Tree


class RefusedSpec(Exception):  # noqa: N818
    """The spec does not compile; the message is what `ofc check` would say."""


class NoObject(KeyError):  # noqa: N818
    """The study has no such object, or several."""


class Study(Construct):
    """A compiled study.

    Attributes:
        objects: what was compiled, by `Kind/name`, in the order in which it is needed.
        notes: what the cluster must have beside the objects, in sentences.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        spec: str | PathLike[str],
        overlays: Sequence[str | PathLike[str]] = (),
        params: Mapping[str, object] | None = None,
        settings: Sequence[str] = (),
        target: str = "kubernetes",
    ) -> None:
        """Compiles the spec and adds its objects to `scope`.

        Args:
            scope: a Chart, or what stands in one.
            id: the construct's name in it.
            spec: the file.
            overlays: files that are laid over it, in this order.
            params: values of the spec's `params`.
            settings: `path=value`, as `--set` takes them.
            target: who runs it: `kubernetes`, `katib` or `trainer`.

        Raises:
            RefusedSpec: the spec has errors, or asks what the target cannot express.
        """
        super().__init__(scope, id)
        texts = {name: _text(value) for name, value in (params or {}).items()}
        files = tuple(fspath(each) for each in (spec, *overlays))
        chosen = Chosen(files, texts, tuple(settings))
        loaded, compiled = compile_spec(chosen, target)
        program = compiled.program
        if program is None:
            sources = {source.name: source for source in loaded.sources}
            raise RefusedSpec(render_text(*without_secrets(compiled.diagnostics, sources)))
        platform = PLATFORMS[target]()
        if platform.objects is None:
            raise RefusedSpec(f"the target `{target}` has no objects: write `kubernetes`")
        self.notes = platform.notes(program)
        self.objects: dict[str, ApiObject] = {}
        for tree in platform.objects(program):
            made_object = _add(self, tree)
            self.objects[f"{tree['kind']}/{made_object.name}"] = made_object

    def object(self, kind: str, name: str | None = None) -> ApiObject:
        """The one object of a kind, or the one of that name.

        Raises:
            NoObject: there is none, or there are several and no name says which.
        """
        found = [o for o in self.objects.values() if o.kind == kind and name in (None, o.name)]
        if len(found) != 1:
            known = ", ".join(k for k in self.objects if k.startswith(f"{kind}/")) or "none"
            raise NoObject(f"{len(found)} objects `{kind}/{name or '*'}`; there are: {known}")
        return found[0]


def _add(scope: Construct, tree: Tree) -> ApiObject:
    metadata = cast("Mapping[str, Any]", tree["metadata"])
    made = ApiObject(
        scope,
        f"{str(tree['kind']).lower()}-{metadata['name']}",
        api_version=str(tree["apiVersion"]),
        kind=str(tree["kind"]),
        metadata=ApiObjectMetadata(
            name=metadata["name"],
            namespace=metadata.get("namespace"),
            labels=metadata.get("labels"),
            annotations=metadata.get("annotations"),
        ),
    )
    # the constructor takes no other fields; a patch does, and the app's own patches come after it
    for key, value in tree.items():
        if key not in ("apiVersion", "kind", "metadata"):
            made.add_json_patch(JsonPatch.add(f"/{key}", value))
    return made


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
