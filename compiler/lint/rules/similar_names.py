"""Names that a reader takes for one another."""

from __future__ import annotations

from collections.abc import Iterator

from omniforce.spec.diagnostic import Related

from ..advice import Advice, Subject
from ..parameters import Written


def similar_names(subject: Subject) -> Iterator[Advice]:
    """Looks for parameters of the space that differ by case or `_` only, or hide a param."""
    seen: dict[str, Written] = {}
    params = {_plain(name): name for name, _ in subject.spec.params}
    for place, _ in subject.coordinates():
        plain = _plain(place.name)
        first = seen.setdefault(plain, place)
        if first.name == place.name and first is not place:
            continue  # the same argument, in branches that exclude each other
        if first is not place:
            yield Advice(
                f"`{place.name}` and `{first.name}` are two parameters",
                place.key,
                "easily taken for the other",
                "give one of them a name that says how they differ",
                (Related(first.key, "the other"),),
            )
        elif plain in params:
            at = subject.at("spec", "params", params[plain])
            yield Advice(
                f"`{place.name}` is searched, and `$(params.{params[plain]})` is something else",
                place.key,
                "the same name for both",
                f"rename the param, such as `{params[plain]}_value`",
                () if at is None else (Related(at, "the param"),),
            )


def _plain(name: str) -> str:
    return name.replace("_", "").replace("-", "").lower()
