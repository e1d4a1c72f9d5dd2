"""Lays one document over another: `-f base.yaml -f prod.yaml`, and a spec over its templates.

    search: {parallelism: 2, seed: 1}    # below
    search: {parallelism: 8}             # above
    search: {parallelism: 8, seed: 1}    # together

Mappings come together key by key; anything else is replaced, lists and sets included. Four words
say otherwise:

    deployment: {$patch: delete}                        # remove it
    deployment: {$patch: replace, to: server}           # this and nothing of what was below
    objectives: [{$patch: append}, minimize size on s]  # behind the others; `prepend` before them

Each value keeps its place, so a message names the file that set it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ..diagnostic import Diagnostic
from ..frozen import dataclass
from ..nodes import Entry, MappingNode, Node, Scalar, SequenceNode
from ..readers.words import MOST_MEANT, called, describe, nearest, or_list
from ..source import Path
from .known_blocks import is_block

PATCH: Final = "$patch"
MAPPING_WORDS: Final = ("merge", "replace", "delete")
LIST_WORDS: Final = ("append", "prepend", "replace")


@dataclass(frozen=True, slots=True)
class Laid:
    """Two documents as one, and what is wrong with the upper one."""

    document: Node
    found: tuple[Diagnostic, ...]


def lay_over(below: Node, above: Node, *, keep_above: bool = False) -> Laid:
    """The document `below` with the values of `above`.

    Args:
        below: a whole document.
        above: a part of one.
        keep_above: whether a block that stands in both is said to stand in `above`; so it is for
            a spec over its templates, and not for an overlay over a spec.
    """
    laying = _Laying(keep_above)
    made = laying.over(below, above, ())
    if made is None:
        laying.word(above, "the document cannot be deleted", "expected a part of a spec")
    return Laid(below if made is None else made, tuple(laying.found))


def is_set(node: MappingNode) -> bool:
    """Whether a mapping is a set in braces, such as `{sgd, adam}`, which is one value."""
    return (
        node.flow
        and bool(node.entries)
        and all(
            isinstance(e.value, Scalar) and e.value.value is None and e.value.text == ""
            for e in node.entries
        )
    )


class _Laying:
    def __init__(self, keep_above: bool) -> None:
        self.keep_above = keep_above
        self.found: list[Diagnostic] = []
        self.near: tuple[str, Mapping[str, object]] = ("", {})  # the key at hand, and its siblings

    def over(self, below: Node | None, above: Node, path: Path) -> Node | None:
        """The two as one; None where `above` deletes."""
        match above:
            case MappingNode() if not is_set(above) or is_block(path):
                return self.mapping(below, above, path)
            case SequenceNode():
                return self.list(below, above, path)
            case Scalar(value=None):
                self.found.append(
                    Diagnostic(
                        "OFC344",
                        f"{called(path)} has no value here, and an overlay without one says "
                        "nothing",
                        above.span,
                        "no value",
                        f"write a value; `{path[-1] if path else 'name'}: {{$patch: delete}}` "
                        "removes what is below",
                    )
                )
                return below
            case _:
                return above

    def mapping(self, below: Node | None, above: MappingNode, path: Path) -> Node | None:
        word = self.word_of(above, MAPPING_WORDS, path)
        if not word:
            return below
        rest = tuple(e for e in above.entries if e.key.text != PATCH)
        if word in ("delete", "replace") and below is None and path:
            self.missing(above, word, path)
            return None if word == "delete" else MappingNode(rest, above.span, above.flow)
        if word == "delete":
            if rest:
                self.word(
                    above, f"{called(path)} is deleted here and has a value", "`delete` or a value"
                )
            return None
        if word == "replace" or not isinstance(below, MappingNode) or is_set(below):
            entries = self.entries(MappingNode((), above.span), rest, path)
            return MappingNode(entries, above.span, above.flow)
        entries = self.entries(below, rest, path)
        kept = above if self.keep_above else below
        return MappingNode(entries, kept.span, kept.flow)

    def entries(self, below: MappingNode, rest: tuple[Entry, ...], path: Path) -> tuple[Entry, ...]:
        made: dict[str, Entry] = {e.key.text: e for e in below.entries}
        for entry in rest:
            name = entry.key.text
            old = made.get(name)
            self.near = (name, made)
            value = self.over(old.value if old else None, entry.value, (*path, name))
            if value is None:
                made.pop(name, None)
            else:
                made[name] = Entry(entry.key if old is None or self.keep_above else old.key, value)
        return tuple(made.values())

    def list(self, below: Node | None, above: SequenceNode, path: Path) -> Node:
        first = above.items[0] if above.items else None
        word = ""
        items = above.items
        if isinstance(first, MappingNode) and first.get(PATCH) is not None:
            word = self.word_of(first, LIST_WORDS, path) or LIST_WORDS[0]
            items = items[1:]
            if len(first.entries) > 1:
                self.word(
                    first,
                    "a list's first item says how it is laid, and nothing else",
                    f"write `- {{$patch: {word}}}`, and the items behind it",
                )
        made = tuple(n for n in (self.item(i, (*path, k)) for k, i in enumerate(items)) if n)
        if word not in ("append", "prepend"):
            return SequenceNode(made, above.span, above.flow)
        if below is not None and not isinstance(below, SequenceNode):
            self.word(
                above,
                f"{called(path)} is {describe(below)} below, and no list to {word} to",
                "write the list without `$patch`",
            )
            return SequenceNode(made, above.span, above.flow)
        old = below.items if below is not None else ()
        both = (*old, *made) if word == "append" else (*made, *old)
        return SequenceNode(both, above.span if below is None else below.span, above.flow)

    def item(self, node: Node, path: Path) -> Node | None:
        """An item of a list, which replaces nothing."""
        if not isinstance(node, MappingNode) or is_set(node):
            return self.over(None, node, path) if isinstance(node, SequenceNode) else node
        patch = node.get(PATCH)
        if patch is not None:
            self.word(
                patch,
                "`$patch` stands in an item of a list",
                "write `- {$patch: append}` as the first item, or the whole list anew",
            )
        rest = tuple(e for e in node.entries if e.key.text != PATCH)
        return MappingNode(
            self.entries(MappingNode((), node.span), rest, path), node.span, node.flow
        )

    def word_of(self, node: MappingNode, words: tuple[str, ...], path: Path) -> str:
        """What `$patch` says in a mapping: the first of `words` without it, "" for a bad one."""
        patch = node.get(PATCH)
        if patch is None:
            return words[0]
        if isinstance(patch, Scalar) and patch.text in words:
            return patch.text
        meant = nearest(patch.text, words) if isinstance(patch, Scalar) else None
        where = "a list" if words == LIST_WORDS else "a mapping"
        text = f"`{patch.text[:40]}`" if isinstance(patch, Scalar) else describe(patch)
        self.word(
            patch,
            f"{text} is no way to lay {where} over another",
            f"write {f'`{meant}`' if meant else or_list(words)}",
            f"did you mean `{meant}`?" if meant else f"expected {or_list(words)}",
        )
        return ""

    def word(self, node: Node, message: str, help_: str, label: str = "") -> None:
        self.found.append(Diagnostic("OFC342", message, node.span, label, help_))

    def missing(self, above: MappingNode, word: str, path: Path) -> None:
        name, known = self.near
        meant = nearest(name, known) if len(self.found) < MOST_MEANT else None
        if meant:
            help_ = f"write `{meant}`"
        elif word == "replace":
            help_ = "remove `$patch: replace`: there is nothing to replace"
        else:
            help_ = f"remove `{name}`: there is nothing to delete"
        verb = {"delete": "deletes", "replace": "replaces"}[word]
        self.found.append(
            Diagnostic(
                "OFC343",
                f"the overlay {verb} {called(path)}, and nothing below it has that",
                above.span,
                f"did you mean `{meant}`?" if meant else "not there",
                help_,
            )
        )
