"""What the templates of a spec bring, as documents to lay the spec over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from ..blocks.use import USES
from ..diagnostic import Diagnostic, Related
from ..frozen import dataclass
from ..layers.composed import Used
from ..layers.nodes_size import size_of
from ..layers.overlay import lay_over
from ..nodes import Entry, MappingNode, Node, Scalar, SequenceNode
from ..params.placeholders import fill_template
from ..params.values import Parameters, read_parameters
from ..readers import Block, Invalid, Reading, nearest, or_list
from ..source import Source, Span
from ..yaml.reader import NODES
from .body import body_of
from .document import KIND, Port, Template
from .file_references import confine
from .item import Item, item_of
from .library import Opened, Refused, Templates
from .port_faults import declared, unread_ports, wrong_ports
from .read_template import is_meant, read_template
from .reference import Unreadable, parse_reference

DEPTH: Final = 8
"""Templates that may stand in each other."""
COUNT: Final = 100
"""Templates that a spec may be made of."""
LENGTH: Final = 4 * 2**20
"""Characters of all templates together."""


@dataclass(frozen=True, slots=True)
class Expanded:
    """What came of `use`.

    Attributes:
        body: what the templates bring together, a document with nothing but `spec`; None where
            one of them could not be read.
        uses: for each template's file, the place in whose name it was read.
    """

    body: MappingNode | None
    found: tuple[Diagnostic, ...]
    sources: tuple[Source, ...]
    used: tuple[Used, ...]
    uses: tuple[tuple[str, Span], ...]


def expand(use: Node, templates: Templates | None) -> Expanded:
    """What the templates of `use` bring.

    Args:
        use: as it stands in a spec, the spec's parameters filled in.
        templates: where they are found; None where the reader has no way to them.
    """
    expander = _Expander(templates)
    bodies = expander.bodies(use, ())
    whole = expander.together(bodies, use.span) if bodies is not None else None
    failed = whole is None or any(d.is_error for d in expander.found)
    return Expanded(
        None if failed else whole,
        tuple(expander.found),
        tuple(expander.sources.values()),
        tuple(expander.used),
        tuple(expander.uses.items()),
    )


class _Expander:
    def __init__(self, templates: Templates | None) -> None:
        self.templates = templates
        self.found: dict[Diagnostic, None] = {}  # a template that is used twice has its faults once
        self.sources: dict[str, Source] = {}
        self.used: list[Used] = []
        self.uses: dict[str, Span] = {}
        self.length = 0
        self.size = 0
        self.read: dict[str, tuple[MappingNode | None, tuple[Diagnostic, ...]]] = {}
        self.count = 0

    def bodies(self, use: Node, stack: tuple[Opened, ...]) -> list[Node] | None:
        """The body of each template; None where one could not be read, after all were looked at."""
        reading = Reading()
        read = reading.read(USES, use, ("spec", "use"))
        self.tell(reading.found)
        if isinstance(read, Invalid) or not isinstance(use, SequenceNode):
            return None
        made = [self.one(item_of(node), stack) for node in use.items]
        return None if any(m is None for m in made) else [m for m in made if m is not None]

    def together(self, bodies: list[Node], span: Span) -> MappingNode:
        whole: Node = MappingNode((), span)
        for body in bodies:
            laid = lay_over(whole, body)
            whole = laid.document
            self.tell(laid.found)
        return MappingNode((Entry(_word("spec", span), whole),), whole.span)

    def one(self, item: Item, stack: tuple[Opened, ...]) -> Node | None:
        place = item.reference.span
        reference = parse_reference(item.reference.text)
        if isinstance(reference, Unreadable):
            self.refuse(reference.code, reference.message, place, reference.help)
            return None
        if self.templates is None:
            self.refuse(
                "OFC352",
                "the spec is made of templates, and was read where none can be found",
                place,
                "read the spec by its file, as `ofc check` does",
            )
            return None
        opened = self.templates.open(reference, stack[-1] if stack else None)
        if isinstance(opened, Refused):
            self.refuse(opened.code, opened.message, place, opened.help, opened.label)
            return None
        if self.too_much(opened, place, stack):
            return None
        if not is_meant(opened.source):
            self.refuse(
                "OFC353",
                f"`{item.reference.text[:200]}` is no template",
                place,
                f"name a file with `kind: {KIND}`, and what it brings under `spec.body`",
                "no template",
            )
            return None
        self.uses.setdefault(opened.source.name, place)
        self.sources.setdefault(opened.source.name, opened.source)
        self.used.append(Used(opened.name, opened.digest))
        return self.instance(item, opened, stack)

    def too_much(self, opened: Opened, place: Span, stack: tuple[Opened, ...]) -> bool:
        if any(opened.identity == each.identity for each in stack):
            way = " -> ".join([*(o.name for o in stack), opened.name])
            self.refuse(
                "OFC357",
                f"the template uses itself: {way[:300]}",
                place,
                "let one of them not use the other",
                "a circle",
            )
            return True
        self.count += 1
        self.length += len(opened.source.text)
        limits = (
            (len(stack) >= DEPTH, f"templates stand more than {DEPTH} deep in each other"),
            (self.count > COUNT, f"the spec is made of more than {COUNT} templates"),
            (self.length > LENGTH, "the templates of the spec are longer than 4 MiB together"),
        )
        for over, message in limits:
            if over:
                self.refuse("OFC358", message, place, "make one template of several", "too much")
                return True
        return False

    def instance(self, item: Item, opened: Opened, stack: tuple[Opened, ...]) -> Node | None:
        """The body of a template with its parameters, its ports and what it uses itself."""
        if opened.source.name not in self.read:
            self.read[opened.source.name] = read_template(opened.source)
        document, found = self.read[opened.source.name]
        self.tell(found)
        if document is None:
            return None
        before = len(self.found)
        reading = Reading()
        template = reading.read(Block(Template), document, ())
        self.tell(reading.found)
        if isinstance(template, Invalid):
            return None
        spec = document.get("spec")
        assert isinstance(spec, MappingNode)
        name = template.metadata.name
        parameters = self.parameters(name, item, document, declared(spec, "params"))
        known = dict(template.spec.ports)
        ports = self.ports(name, item, spec, known)
        defaults = {n: p.default for n, p in known.items() if p.default is not None}
        if len(self.found) > before:
            return None
        return self.filled(item, opened, stack, spec, parameters, ports, defaults)

    def parameters(
        self, name: str, item: Item, document: MappingNode, known: Mapping[str, Entry]
    ) -> Parameters:
        for entry in item.given:
            if entry.key.text not in known:
                meant = nearest(entry.key.text, known)
                ways = f"it takes {or_list(known)}" if known else "remove it"
                self.refuse(
                    "OFC354",
                    f"the template `{name}` has no parameter `{entry.key.text[:60]}`",
                    entry.key.span,
                    f"write `{meant}`" if meant else ways,
                    f"did you mean `{meant}`?" if meant else "unknown parameter",
                )
        given = {e.key.text: e.value for e in item.given if e.key.text in known}
        read = read_parameters(document, given)
        self.tell(read.found)
        for parameter in read.by_name.values():
            if parameter.value is None and not parameter.faulty:
                self.tell(
                    [
                        Diagnostic(
                            "OFC354",
                            f"the template `{name}` needs its parameter `{parameter.name}`",
                            item.reference.span,
                            f"needs `{parameter.name}`",
                            f"add `with: {{{parameter.name}: ...}}`",
                            related=(Related(parameter.entry.key.span, "declared here"),),
                        )
                    ]
                )
        return read

    def ports(
        self,
        name: str,
        item: Item,
        spec: MappingNode,
        known: dict[str, Port],
    ) -> dict[str, Node | None]:
        entries = declared(spec, "ports")
        self.tell(wrong_ports(name, known, entries, item.ports, item.reference.span))
        return {**dict.fromkeys(known), **{e.key.text: e.value for e in item.ports}}

    def filled(
        self,
        item: Item,
        opened: Opened,
        stack: tuple[Opened, ...],
        spec: MappingNode,
        parameters: Parameters,
        ports: Mapping[str, Node | None],
        defaults: Mapping[str, Node],
    ) -> Node | None:
        entries = tuple(e for e in spec.entries if e.key.text in ("use", "body"))
        filled = fill_template(MappingNode(entries, spec.span), parameters, ports, defaults)
        self.tell(filled.found)
        if not filled.found:
            self.tell(unread_ports(declared(spec, "ports"), filled.ports))
        part = filled.document
        self.size += size_of(part)
        if self.size > NODES:
            self.refuse(
                "OFC358",
                f"with its templates, the spec has more than {NODES:,} values",
                item.reference.span,
                "use fewer templates",
                "too much",
            )
            return None
        assert isinstance(part, MappingNode)
        assert self.templates is not None
        body, faults = body_of(part)
        self.tell(faults)
        if body is None:
            return None
        use = part.get("use")
        held = confine(body, opened, self.templates, lambda found: self.tell([found]))
        if use is None:
            return held
        bodies = self.bodies(use, (*stack, opened))
        if bodies is None:
            return None
        below = self.together(bodies, held.span).get("spec")
        laid = lay_over(below, held, keep_above=True) if below is not None else None
        if laid is None:
            return held
        self.tell(laid.found)
        return laid.document

    def tell(self, found: Iterable[Diagnostic]) -> None:
        self.found.update(dict.fromkeys(found))

    def refuse(self, code: str, message: str, place: Span, help_: str, label: str = "") -> None:
        self.tell([Diagnostic(code, message, place, label, help_)])


def _word(text: str, span: Span) -> Scalar:
    return Scalar(text, text, span, exact=False)
