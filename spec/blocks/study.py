"""The whole document: `apiVersion`, `kind`, `metadata` and `spec`."""

from __future__ import annotations

from typing import Literal

from ..expression.reading import ConstraintReader, GoalReader
from ..expression.tree import Expression, Goal
from ..frozen import dataclass
from ..readers import Block, ListOf, MapOf, OneOf, Text, key
from ..space import Space
from .algorithm import Algorithm
from .data import Data
from .deployment import Deployment
from .devices import Device
from .params import Param
from .platform import Platform
from .search import Search
from .search_space import SearchSpaceReader
from .use import USES, Use

API_VERSION = "omniforce.dev/v1alpha2"
KIND = "OmniForce"


@dataclass(frozen=True, slots=True)
class Metadata:
    """What the study is called."""

    name: str = key(
        Text(
            "a name of at most 40 small letters, digits and dashes, starting with a letter",
            pattern=r"[a-z]([-a-z0-9]{0,38}[a-z0-9])?",
            words=True,
        ),
        "The study's name; everything made for it begins with it.",
        example="digits-edge",
    )
    labels: tuple[tuple[str, str], ...] = key(
        MapOf(
            Text("a label's value", pattern=r"([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?"),
            pattern=r"([a-z0-9.-]+/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?",
            what="a label's key",
        ),
        "Labels of the writer's own, put on everything.",
        (),
    )


@dataclass(frozen=True, slots=True)
class StudySpec:
    """What the study is."""

    data: Data = key(Block(Data), "What is learnt from.")
    algorithm: Algorithm = key(Block(Algorithm), "What is searched.")
    search_space: Space = key(SearchSpaceReader(), "What it is searched over.")
    objectives: tuple[Goal, ...] = key(
        ListOf(GoalReader(), minimum=1, maximum=100), "What is wanted, the first counting most."
    )
    search: Search = key(Block(Search), "How it is searched.")
    params: tuple[tuple[str, Param], ...] = key(
        MapOf(Block(Param)), "Typed values, read as `$(params.name)`.", ()
    )
    constraints: tuple[Expression, ...] = key(
        ListOf(ConstraintReader()), "What must hold between parameters.", ()
    )
    devices: tuple[tuple[str, Device], ...] = key(
        MapOf(
            Block(Device),
            pattern=r"[a-z]([-a-z0-9]{0,30}[a-z0-9])?",
            what="a device's name: small letters, digits and dashes, at most 32",
        ),
        "What the model must run on.",
        (),
    )
    deployment: Deployment | None = key(Block(Deployment), "What is served.", None)
    platform: Platform = key(Block(Platform), "Where it goes.", Platform())
    use: tuple[Use, ...] | None = key(
        USES,
        "Templates that bring a part of it; what stands here goes before.",
        None,
        compare=False,
    )


@dataclass(frozen=True, slots=True)
class Study:
    """One study, as written and with every default."""

    api_version: Literal["omniforce.dev/v1alpha2"] = key(
        OneOf((API_VERSION,)), "The version of the language.", example=API_VERSION
    )
    kind: Literal["OmniForce"] = key(OneOf((KIND,)), "What the document is.", example=KIND)
    metadata: Metadata = key(Block(Metadata), "What it is called.")
    spec: StudySpec = key(Block(StudySpec), "What it is.")
