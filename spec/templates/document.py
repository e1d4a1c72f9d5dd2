"""A template's own document: what it takes, and the part of a spec that it brings."""

from __future__ import annotations

from typing import Final, Literal

from ..blocks.params import Param
from ..blocks.study import API_VERSION
from ..blocks.use import USES, Tree, Use
from ..frozen import dataclass
from ..nodes import Node
from ..readers import Block, MapOf, OneOf, Text, key

KIND: Final = "Template"

LISTS: Final = ("objectives", "constraints", "features")
"""Ports that take a list."""
MAPPINGS: Final = (
    "data",
    "split",
    "algorithm",
    "searchSpace",
    "search",
    "budget",
    "device",
    "devices",
    "deployment",
    "platform",
)
"""Ports that take a block."""


@dataclass(frozen=True, slots=True)
class Port:
    """A place where the user's own block goes; read as `$(ports.name)`."""

    type: str = key(OneOf((*MAPPINGS, *LISTS)), "What goes there.")
    doc: str = key(Text(), "What it is for.", "")
    default: Node | None = key(Tree(), "What stands there where nobody says.", None)


@dataclass(frozen=True, slots=True)
class TemplateMetadata:
    """What the template is called."""

    name: str = key(
        Text("a name of small letters, digits and dashes", pattern=r"[a-z0-9]([-a-z0-9]{0,62})"),
        "The template's name.",
        example="edge-vision",
    )
    version: str | None = key(
        Text("a version such as `1.2.0`", pattern=r"[0-9]+\.[0-9]+\.[0-9]+([-+][0-9A-Za-z.+-]+)?"),
        "Its version, by the rules of SemVer.",
        None,
    )
    description: str = key(Text(), "What it is for.", "")


@dataclass(frozen=True, slots=True)
class TemplateSpec:
    """What the template takes, and what it brings."""

    body: Node = key(Tree(), "A part of a spec, as it stands under `spec` there.")
    params: tuple[tuple[str, Param], ...] = key(
        MapOf(Block(Param)), "Typed values, read as `$(params.name)`.", ()
    )
    ports: tuple[tuple[str, Port], ...] = key(
        MapOf(Block(Port)), "Whole blocks, read as `$(ports.name)`.", ()
    )
    use: tuple[Use, ...] = key(USES, "Templates that this one is made of.", ())


@dataclass(frozen=True, slots=True)
class Template:
    """A template."""

    api_version: str = key(OneOf((API_VERSION,)), "The version of the language.")
    kind: Literal["Template"] = key(OneOf((KIND,)), "What the document is.")
    metadata: TemplateMetadata = key(Block(TemplateMetadata), "What it is called.")
    spec: TemplateSpec = key(Block(TemplateSpec), "What it takes, and what it brings.")
