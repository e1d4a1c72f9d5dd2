"""The requests and notifications that the server answers, one function each."""

from __future__ import annotations

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException

from .actions import Action, actions
from .complete import complete
from .convert import Units, to_diagnostic
from .document import Document
from .format import formatted
from .hover import hover
from .navigate import Refused, Renaming, definition, references, renamable, rename
from .offers import Kind as OfferKind
from .offers import Offer, Offers
from .outline import Kind as SymbolKind
from .outline import Symbol, folds, outline
from .server import SpecServer

KINDS: dict[OfferKind, lsp.CompletionItemKind] = {
    "device": lsp.CompletionItemKind.Reference,
    "key": lsp.CompletionItemKind.Property,
    "metric": lsp.CompletionItemKind.Unit,
    "name": lsp.CompletionItemKind.Variable,
    "parameter": lsp.CompletionItemKind.Variable,
    "params": lsp.CompletionItemKind.Constant,
    "value": lsp.CompletionItemKind.Value,
    "word": lsp.CompletionItemKind.Keyword,
}
SYMBOLS: dict[SymbolKind, lsp.SymbolKind] = {
    "block": lsp.SymbolKind.Namespace,
    "device": lsp.SymbolKind.Object,
    "item": lsp.SymbolKind.String,
    "list": lsp.SymbolKind.Array,
    "parameter": lsp.SymbolKind.Variable,
    "params": lsp.SymbolKind.Constant,
    "value": lsp.SymbolKind.Property,
}
ACTIONS = {
    "all": lsp.CodeActionKind("source.fixAll"),
    "fix": lsp.CodeActionKind.QuickFix,
    "silence": lsp.CodeActionKind.QuickFix,
}
REQUEST_FAILED = -32803


def register(server: SpecServer) -> None:
    """Has the server answer what is below."""
    _register_documents(server)
    _register_help(server)
    _register_navigation(server)
    _register_changes(server)


def _register_documents(server: SpecServer) -> None:
    @server.feature(lsp.TEXT_DOCUMENT_DID_OPEN)
    def did_open(params: lsp.DidOpenTextDocumentParams) -> None:
        server.opened(params.text_document.uri, params.text_document.version)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CHANGE)
    def did_change(params: lsp.DidChangeTextDocumentParams) -> None:
        server.opened(params.text_document.uri, params.text_document.version)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CLOSE)
    def did_close(params: lsp.DidCloseTextDocumentParams) -> None:
        server.closed(params.text_document.uri)

    @server.feature(lsp.TEXT_DOCUMENT_DID_SAVE)
    def did_save(params: lsp.DidSaveTextDocumentParams) -> None:
        server.saved()

    @server.feature(lsp.SHUTDOWN)
    def shutdown(_: None) -> None:
        server.ended = True


def _register_help(server: SpecServer) -> None:
    @server.feature(
        lsp.TEXT_DOCUMENT_COMPLETION,
        lsp.CompletionOptions(trigger_characters=[":", " ", "$", "(", "-", "=", "{", ",", "."]),
    )
    def completion(params: lsp.CompletionParams) -> lsp.CompletionList:
        document = server.document(params.text_document.uri)
        units = server.units(document)
        line, column = units.place(params.position)
        offers = complete(document, line, column, server.library)
        items = [_item(offer, i, offers, line, units) for i, offer in enumerate(offers.all)]
        return lsp.CompletionList(is_incomplete=False, items=items)

    @server.feature(lsp.TEXT_DOCUMENT_HOVER)
    def show(params: lsp.HoverParams) -> lsp.Hover | None:
        document = server.document(params.text_document.uri)
        units = server.units(document)
        shown = hover(document, *units.place(params.position), server.library)
        if shown is None:
            return None
        text = lsp.MarkupContent(lsp.MarkupKind.Markdown, shown.text)
        return lsp.Hover(text, units.range(shown.span))

    @server.feature(lsp.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
    def symbols(params: lsp.DocumentSymbolParams) -> list[lsp.DocumentSymbol]:
        document = server.document(params.text_document.uri)
        units = server.units(document)
        return [_symbol(s, units) for s in outline(document)]

    @server.feature(lsp.TEXT_DOCUMENT_FOLDING_RANGE)
    def folding(params: lsp.FoldingRangeParams) -> list[lsp.FoldingRange]:
        document = server.document(params.text_document.uri)
        return [lsp.FoldingRange(first - 1, last - 1) for first, last in folds(document)]


def _register_navigation(server: SpecServer) -> None:
    @server.feature(lsp.TEXT_DOCUMENT_DEFINITION)
    def find_definition(params: lsp.DefinitionParams) -> lsp.Location | None:
        document = server.document(params.text_document.uri)
        units = server.units(document)
        found = definition(document, *units.place(params.position))
        if found is None:
            return None
        return lsp.Location(params.text_document.uri, units.range(found.span))

    @server.feature(lsp.TEXT_DOCUMENT_REFERENCES)
    def find_references(params: lsp.ReferenceParams) -> list[lsp.Location]:
        document = server.document(params.text_document.uri)
        units = server.units(document)
        found = references(
            document,
            *units.place(params.position),
            declaration=params.context.include_declaration,
        )
        uri = params.text_document.uri
        return [lsp.Location(uri, units.range(m.span)) for m in found]

    @server.feature(lsp.TEXT_DOCUMENT_PREPARE_RENAME)
    def prepare(params: lsp.PrepareRenameParams) -> lsp.PrepareRenamePlaceholder:
        document = server.document(params.text_document.uri)
        units = server.units(document)
        try:
            mention = renamable(document, *units.place(params.position))
        except Refused as why:
            raise JsonRpcException(str(why), REQUEST_FAILED) from why
        return lsp.PrepareRenamePlaceholder(units.range(mention.span), mention.name)

    @server.feature(lsp.TEXT_DOCUMENT_RENAME, lsp.RenameOptions(prepare_provider=True))
    def change_name(params: lsp.RenameParams) -> lsp.WorkspaceEdit:
        document = server.document(params.text_document.uri)
        units = server.units(document)
        try:
            made = rename(document, *units.place(params.position), params.new_name)
        except Refused as why:
            raise JsonRpcException(str(why), REQUEST_FAILED) from why
        return _change(params.text_document.uri, _renamed(made, units))


def _register_changes(server: SpecServer) -> None:
    @server.feature(lsp.TEXT_DOCUMENT_FORMATTING)
    def format_(params: lsp.DocumentFormattingParams) -> list[lsp.TextEdit]:
        document = server.document(params.text_document.uri)
        units = server.units(document)
        edit = formatted(document.source)
        return [lsp.TextEdit(units.range(edit.span), edit.text)] if edit is not None else []

    @server.feature(
        lsp.TEXT_DOCUMENT_CODE_ACTION, lsp.CodeActionOptions(list(dict.fromkeys(ACTIONS.values())))
    )
    def code_actions(params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
        uri = params.text_document.uri
        document = server.document(uri)
        version, found = server.found.get(uri, (-1, ()))
        if version != document.version:
            return []
        first, last = params.range.start.line + 1, params.range.end.line + 1
        made = actions(found, document.source, first, last)
        wanted = tuple(str(getattr(w, "value", w)) for w in params.context.only or ())
        return [
            _action(each, document, server.units(document), uri)
            for each in made
            if not wanted or ACTIONS[each.kind].startswith(wanted)
        ]


def _item(offer: Offer, place: int, offers: Offers, line: int, units: Units) -> lsp.CompletionItem:
    span = lsp.Range(units.position(line, offers.start), units.position(line, offers.end))
    return lsp.CompletionItem(
        label=offer.label,
        kind=KINDS[offer.kind],
        detail=offer.detail or None,
        documentation=lsp.MarkupContent(lsp.MarkupKind.Markdown, offer.doc) if offer.doc else None,
        sort_text=f"{place:04}",
        filter_text=offer.label,
        insert_text_mode=lsp.InsertTextMode.AsIs,
        text_edit=lsp.TextEdit(span, offer.text),
    )


def _symbol(symbol: Symbol, units: Units) -> lsp.DocumentSymbol:
    return lsp.DocumentSymbol(
        name=symbol.name or " ",
        kind=SYMBOLS[symbol.kind],
        range=units.range(symbol.span),
        selection_range=units.range(symbol.place),
        detail=symbol.detail or None,
        children=[_symbol(child, units) for child in symbol.children],
    )


def _renamed(made: Renaming, units: Units) -> list[lsp.TextEdit]:
    return [lsp.TextEdit(units.range(span), made.text) for span in made.spans]


def _change(uri: str, edits: list[lsp.TextEdit]) -> lsp.WorkspaceEdit:
    return lsp.WorkspaceEdit(changes={uri: edits})


def _action(action: Action, document: Document, units: Units, uri: str) -> lsp.CodeAction:
    edits = [lsp.TextEdit(units.range(e.span), e.text) for e in action.edits]
    about = action.found
    return lsp.CodeAction(
        title=action.title,
        kind=ACTIONS[action.kind],
        diagnostics=[to_diagnostic(about, units, uri, document.source.name)] if about else None,
        is_preferred=action.kind == "fix" or None,
        edit=_change(uri, edits),
    )
