"""Readers of one value: a string, a number, a truth value, one of a few words."""

from __future__ import annotations

import re
from typing import Generic, TypeVar, cast

from ..fix import NO_FIX, Fix, instead, replaced
from ..frozen import dataclass
from ..nodes import Node, Scalar
from ..source import Path
from ..yaml.core_schema import resolve
from .reading import Invalid, Reading, Schema
from .words import called, describe, matches, nearest, or_list, short

_WORDS = re.compile("[a-z0-9]+")
_MILLI = re.compile(r"\d{1,9}m")
_GROUPED = re.compile(r"(?<=\d)[_,](?=\d{3}(\D|$))")


@dataclass(frozen=True, slots=True)
class Text:
    """A string. `pattern` is matched against the whole of it.

    Attributes:
        help: what to write for one that does not match; without it, the pattern.
        words: whether it is made of small words and dashes, so that another spelling is plain.
    """

    what: str = "a string"
    pattern: str = ""
    max_length: int = 65_536
    help: str = ""
    words: bool = False

    def read(self, node: Node, path: Path, reading: Reading) -> str | Invalid:
        """The string itself; a number is refused, since `1.10` would lose its zero."""
        if not isinstance(node, Scalar) or not isinstance(node.value, str):
            return reading.report(
                "OFC103",
                f"{called(path)} is {describe(node)}, expected {self.what}",
                node.span,
                f"expected {self.what}",
                self._instead(node),
                fix=self._quoted(node),
            )
        if len(node.value) > self.max_length:
            return reading.report(
                "OFC104",
                f"{called(path)} has {len(node.value)} characters, at most {self.max_length} fit",
                node.span,
                "too long",
                "keep long texts out of the spec",
            )
        if self.pattern and not matches(self.pattern, node.value):
            return reading.report(
                "OFC104",
                f"`{short(node.value)}` is not {self.what}",
                node.span,
                f"expected {self.what}",
                self._way_out(node.value),
            )
        return node.value

    def _instead(self, node: Node) -> str:
        """What to write for what is no string."""
        if not isinstance(node, Scalar) or node.value is None:
            return f"write {self.what}"
        fits = not self.pattern or matches(self.pattern, node.text)
        return f'put it in quotes: "{short(node.text)}"' if fits else self._way_out(node.text)

    def _way_out(self, text: str) -> str:
        """What to write for a text that does not fit: the same in small letters, if that does."""
        words = "-".join(_WORDS.findall(text.lower())) if self.words and text.isascii() else ""
        if words and matches(self.pattern, words):
            return f"write `{words}`"
        return self.help or f"it must match `{self.pattern}`"

    def _quoted(self, node: Node) -> Fix:
        """A number or a truth value in quotes, where that is a string that can stand here."""
        if not isinstance(node, Scalar) or node.value is None or not node.exact:
            return NO_FIX
        fits = not self.pattern or matches(self.pattern, node.text)
        return replaced(node.span, f'"{node.text}"') if fits else NO_FIX

    def schema(self) -> Schema:
        """A string with its pattern."""
        made: dict[str, object] = {"type": "string"}
        return made | ({"pattern": f"^({self.pattern})$"} if self.pattern else {})


_TRUTH = ("yes", "no", "on", "off", "true", "false", "y", "n")


@dataclass(frozen=True, slots=True)
class Bool:
    """`true` or `false`, and nothing that YAML 1.1 took for one."""

    def read(self, node: Node, path: Path, reading: Reading) -> bool | Invalid:
        """The truth value."""
        if isinstance(node, Scalar) and isinstance(node.value, bool):
            return node.value
        return reading.report(
            "OFC103",
            f"{called(path)} is {describe(node)}, expected `true` or `false`",
            node.span,
            "expected `true` or `false`",
            f"write `{self._meant(node)}`",
            fix=replaced(node.span, self._meant(node))
            if isinstance(node, Scalar) and node.exact and node.text.lower() in _TRUTH
            else NO_FIX,
        )

    def _meant(self, node: Node) -> str:
        text = node.text.lower() if isinstance(node, Scalar) else ""
        return "false" if text in ("no", "off", "false", "0", "n") else "true"

    def schema(self) -> Schema:
        """A boolean."""
        return {"type": "boolean"}


N = TypeVar("N", int, float)


@dataclass(frozen=True, slots=True)
class Number(Generic[N]):
    """A number within bounds. `above` excludes the bound itself.

    Attributes:
        milli: whether Kubernetes writes it in thousandths as well, as in `500m`.
    """

    type: type[N]
    minimum: N | None = None
    maximum: N | None = None
    above: N | None = None
    milli: bool = False

    def read(self, node: Node, path: Path, reading: Reading) -> N | Invalid:
        """The number, finite and within its bounds."""
        what = "a whole number" if self.type is int else "a number"
        value = self._value(node)
        if value is None:
            return reading.report(
                "OFC103",
                f"{called(path)} is {describe(node)}, expected {what}",
                node.span,
                f"expected {what}",
                self._help(node),
                fix=self._unquoted(node),
            )
        if not self._within(value):
            bounds = self._bounds() if abs(value) < float("inf") else "finite"
            return reading.report(
                "OFC104",
                f"{called(path)} is {describe(node).removeprefix('the number ')}, "
                f"it must be {bounds}",
                node.span,
                "out of bounds",
                f"write a number that is {bounds}",
            )
        return value

    def _value(self, node: Node) -> N | None:
        found = node.value if isinstance(node, Scalar) else None
        if self.type is float and type(found) is int:
            found = _to_float(found)
        number = cast("N", cast("object", found))
        return number if type(found) is self.type else None

    def _unquoted(self, node: Node) -> Fix:
        """A number that stands in quotes without them."""
        if not isinstance(node, Scalar) or node.plain or not node.exact:
            return NO_FIX
        value = resolve(node.text)
        number = type(value) is self.type or (self.type is float and type(value) is int)
        return replaced(node.span, node.text) if number else NO_FIX

    def _help(self, node: Node) -> str:
        """What to write for a value of another type."""
        value = resolve(node.text) if isinstance(node, Scalar) and not node.plain else None
        if type(value) is self.type:
            return f"remove the quotes: `{short(str(value))}`"
        if isinstance(node, Scalar) and type(node.value) is float and self._whole(node.value):
            return f"write `{round(node.value)}`"
        if isinstance(node, Scalar) and (meant := self._meant(node.text)) is not None:
            return f"write `{meant}`"
        example = self.minimum if self.minimum is not None else self.above
        return f"write a number such as `{(example or 0) + 1:g}`"

    def _meant(self, text: str) -> str | None:
        """`1000` for `1_000`, `10` for `$10`, `0.6` for `60%`, `0.5` for `500m`: where it fits."""
        plain = _GROUPED.sub("", text.strip().removeprefix("$"))
        if self.milli and _MILLI.fullmatch(plain):
            plain = f"{plain.removesuffix('m')}e-3"
        share = plain.endswith("%") and self.type is float
        value = resolve(plain.removesuffix("%") if share else plain)
        if type(value) is not int and type(value) is not float:
            return None
        number = value / 100 if share else value
        fits = type(number) is int or self.type is float
        return f"{number:.15g}" if fits and self._within(cast("N", number)) else None

    def _whole(self, value: float) -> bool:
        return self.type is int and abs(value) < 2**53

    def _within(self, value: N) -> bool:
        return (
            value == value
            and abs(value) != float("inf")
            and (self.minimum is None or value >= self.minimum)
            and (self.maximum is None or value <= self.maximum)
            and (self.above is None or value > self.above)
        )

    def _bounds(self) -> str:
        words = [
            f"at least {_number(self.minimum)}" if self.minimum is not None else "",
            f"above {_number(self.above)}" if self.above is not None else "",
            f"at most {_number(self.maximum)}" if self.maximum is not None else "",
        ]
        return " and ".join(w for w in words if w)

    def schema(self) -> Schema:
        """A number with its bounds."""
        made: dict[str, object] = {"type": "integer" if self.type is int else "number"}
        if self.minimum is not None:
            made["minimum"] = self.minimum
        if self.maximum is not None:
            made["maximum"] = self.maximum
        if self.above is not None:
            made["exclusiveMinimum"] = self.above
        return made


def _number(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:g}"


def _to_float(value: int) -> float:
    try:
        return float(value)
    except OverflowError:
        return float("inf")


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of a few words."""

    words: tuple[str, ...]

    def read(self, node: Node, path: Path, reading: Reading) -> str | Invalid:
        """The word."""
        if isinstance(node, Scalar) and node.text in self.words and node.value is not None:
            return node.text
        meant = nearest(node.text, self.words) if isinstance(node, Scalar) else None
        return reading.report(
            "OFC105",
            f"{called(path)} is {describe(node)}, expected {or_list(self.words)}",
            node.span,
            f"did you mean `{meant}`?" if meant else f"expected {or_list(self.words)}",
            f"write {or_list(self.words) if not meant else f'`{meant}`'}",
            fix=instead(node, meant, self.words) if isinstance(node, Scalar) else NO_FIX,
        )

    def schema(self) -> Schema:
        """An enumeration."""
        return {"enum": list(self.words)}
