"""A template looked at by itself, before anybody uses it."""

from __future__ import annotations

from collections.abc import Iterable

from ..blocks.study import StudySpec
from ..blocks.use import USES
from ..diagnostic import Diagnostic
from ..nodes import MappingNode
from ..params.placeholders import fill_template
from ..params.values import read_parameters
from ..places import Places
from ..readers import Block, Invalid, Reading
from ..source import Source
from .body import body_of
from .document import Template
from .port_faults import declared, unread_ports
from .read_template import read_template


def check_template(source: Source, *, alone: bool = True) -> tuple[Diagnostic, ...]:
    """What is wrong with a template, as far as that shows without a user's values.

    Its own header, parameters and ports, and the blocks of its body; what a user brings and what
    other templates bring is not looked at.

    Args:
        source: its text.
        alone: whether nothing is to be laid over it, which only a spec takes.
    """
    document, found = read_template(source)
    if document is None:
        return found
    if not alone:
        kind = document.get("kind")
        refused = Diagnostic(
            "OFC347",
            f"`{source.name}` is a template, and overlays and settings lie over specs",
            kind.span if kind is not None else document.span,
            "a template",
            "lay them over a spec that uses it; a template is set by `with`",
        )
        return (*found, refused)
    reading = Reading()
    template = reading.read(Block(Template), document, ())
    spec = document.get("spec")
    if isinstance(template, Invalid) or not isinstance(spec, MappingNode):
        return (*found, *reading.found)
    parameters = read_parameters(document, {})
    known = dict(template.spec.ports)
    defaults = {name: port.default for name, port in known.items() if port.default is not None}
    entries = tuple(e for e in spec.entries if e.key.text in ("use", "body"))
    nothing = dict.fromkeys(known)
    filled = fill_template(MappingNode(entries, spec.span), parameters, nothing, defaults)
    part = filled.document
    assert isinstance(part, MappingNode)
    body, faults = body_of(part)
    # A user gives what has no default.
    wrong = [d for d in filled.found if d.code != "OFC303"]
    hollow = Places([*filled.hollow, *(d.span for d in found if d.span is not None)])
    return (
        *found,
        *parameters.found,
        *wrong,
        *(() if wrong else unread_ports(declared(spec, "ports"), filled.ports)),
        *faults,
        *(_read(body, hollow) if body is not None and not faults else ()),
        *(_read_use(part, hollow)),
    )


def _read(body: MappingNode, hollow: Places) -> Iterable[Diagnostic]:
    """What is wrong with the blocks; that one is missing, or incomplete, is nothing wrong."""
    reading = Reading()
    reading.read(Block(StudySpec), body, ("spec", "body"))
    return [d for d in reading.found if d.code not in _OF_A_PART and not _hidden(d, hollow)]


_OF_A_PART = ("OFC102",)


def _read_use(part: MappingNode, hollow: Places) -> Iterable[Diagnostic]:
    use = part.get("use")
    if use is None:
        return ()
    reading = Reading()
    reading.read(USES, use, ("spec", "use"))
    return [d for d in reading.found if not _hidden(d, hollow)]


def _hidden(found: Diagnostic, hollow: Places) -> bool:
    """Whether it is about what a user gives."""
    return found.span is not None and hollow.around(found.span)
