"""`ofc lsp` as an editor sees it: a process that answers on stdin and stdout."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from omniforce.strategies import table
from tests.support.language_client import LanguageClient, LanguageFault

pytest.importorskip("pygls", reason="needs pygls: pip install 'omniforce[lsp]'")

OFC = (sys.executable, "-m", "omniforce.compiler.cli.main", "lsp")
SPEC = """\
apiVersion: omniforce.dev/v1alpha2
kind: OmniForce
metadata: {name: digits}
spec:
  params:
    trials: {type: int, default: 24, minimum: 1, doc: How many are tried.}
  data: {source: "sklearn://digits", target: label}
  algorithm: {use: vision/classifier@1, arguments: {epochs: 15}}
  searchSpace:
    family:
      type: choice
      range: {mlp, cnn}
      submodule:
        mlp: {width: {type: int, range: 8...128, scale: log}}
        cnn: {kernel: {3, 5}}
    learning_rate: 1e-3...3e-2 log, default 5e-3
    dropout: {type: float, range: 0...0.4, when: family == mlp}
  constraints:
    - learning_rate * 100 <= 2 or family == mlp
  objectives:
    - maximize accuracy
    - minimize latency.p95 on server
    - require size <= 256KiB on server
  search: {strategy: auto, budget: {trials: $(params.trials)}, parallelism: 2}
  devices: {server: {runtime: onnx}}
  deployment: {model: pareto(latency.p95 <= 5ms on server), to: server}
"""

numbers = count()


@pytest.fixture(scope="module")
def client() -> Iterator[LanguageClient]:
    with LanguageClient(OFC) as client:
        client.begin()
        yield client
        assert client.end() == 0
        assert client.errors == []


class Buffer:
    """A document in the editor, with a cursor where `|` stood, or at the end of a text in it."""

    def __init__(self, client: LanguageClient, text: str) -> None:
        self.client = client
        self.uri = f"untitled:Untitled-{next(numbers)}"
        self.version = 1
        at = text.find("¦")
        self.text = text.replace("¦", "", 1)
        self.cursor = self.place(at) if at >= 0 else {"line": 0, "character": 0}
        client.open(self.uri, self.text)

    def place(self, offset: int) -> dict[str, int]:
        before = self.text[:offset]
        line = before[before.rfind("\n") + 1 :]
        return {"line": before.count("\n"), "character": len(line.encode("utf-16-le")) // 2}

    def ask(self, method: str, at: str | None = None, **more: object) -> Any:
        if at is not None:
            self.cursor = self.place(self.text.index(at) + len(at))
        document = {"textDocument": {"uri": self.uri}, "position": self.cursor}
        return self.client.ask(f"textDocument/{method}", {**document, **more})

    def change(self, text: str) -> None:
        self.version += 1
        self.text = text
        self.client.change(self.uri, text, self.version)

    def with_edits(self, edits: list[dict[str, Any]]) -> str:
        """The text after edits, as an editor does them: counted in UTF-16."""
        lines = self.text.split("\n")

        def offset(place: dict[str, int]) -> int:
            line = lines[place["line"]].encode("utf-16-le")[: place["character"] * 2]
            return sum(len(li) + 1 for li in lines[: place["line"]]) + len(line.decode("utf-16-le"))

        text = self.text
        placed = [(offset(e["range"]["start"]), offset(e["range"]["end"]), e) for e in edits]
        for start, end, edit in sorted(placed, key=lambda p: p[0], reverse=True):
            text = text[:start] + edit["newText"] + text[end:]
        return text

    def errors(self) -> list[dict[str, Any]]:
        """What is wrong with this version, advice left out."""
        found = self.client.diagnostics(self.uri, self.version)
        return [d for d in found if d["severity"] < 4]

    def offers(self) -> dict[str, Any]:
        return {item["label"]: item for item in self.ask("completion")["items"]}

    def completed(self, label: str) -> str:
        """The line of the cursor, and those below that came with it, after taking an offer."""
        edit = self.offers()[label]["textEdit"]
        line = edit["range"]["start"]["line"]
        lines = edit["newText"].count("\n") + 1
        return "\n".join(self.with_edits([edit]).split("\n")[line : line + lines])


def line_of(place: dict[str, Any]) -> tuple[int, int, int]:
    """A place on one line: its number from 0, its first and its last column."""
    start, end = place["start"], place["end"]
    assert start["line"] == end["line"]
    return start["line"], start["character"], end["character"]


# --- diagnostics


def test_a_good_spec_has_no_findings(client: LanguageClient) -> None:
    buffer = Buffer(client, SPEC)
    assert buffer.errors() == []


def test_a_finding_has_its_place_its_code_and_a_way_out(client: LanguageClient) -> None:
    buffer = Buffer(client, SPEC.replace("maximize accuracy", "maximize acuracy"))
    assert buffer.errors() == [
        {
            "range": {
                "start": {"line": 20, "character": 15},
                "end": {"line": 20, "character": 22},
            },
            "severity": 1,
            "code": "OFC321",
            "codeDescription": {"href": "https://omniforce.dev/codes/OFC321"},
            "source": "ofc",
            "message": "`vision/classifier` does not report `acuracy`\n"
            "did you mean `accuracy`?\nhelp: write `accuracy`",
        }
    ]


def test_findings_are_those_of_the_buffer_and_not_of_the_disk(client: LanguageClient) -> None:
    buffer = Buffer(client, SPEC)
    assert buffer.errors() == []
    buffer.change(SPEC.replace("parallelism: 2", "parallelism: two"))
    assert [d["code"] for d in buffer.errors()] == ["OFC103"]
    buffer.change(SPEC)
    assert buffer.errors() == []


def test_of_rapid_edits_only_the_last_is_diagnosed(client: LanguageClient) -> None:
    buffer = Buffer(client, SPEC)
    buffer.errors()
    for typed in range(1, len("parallelism") + 1):
        buffer.change(SPEC.replace("parallelism: 2", "parallelism: 2"[:typed]))
    buffer.change(SPEC.replace("parallelism: 2", "paralelism: 2"))
    assert [d["code"] for d in buffer.errors()] == ["OFC101"]
    time.sleep(0.5)
    assert client.notifications.empty()


def test_a_closed_document_has_no_findings(client: LanguageClient) -> None:
    buffer = Buffer(client, SPEC.replace("parallelism: 2", "parallelism: two"))
    assert buffer.errors() != []
    client.tell("textDocument/didClose", {"textDocument": {"uri": buffer.uri}})
    assert client.diagnostics(buffer.uri) == []
    with pytest.raises(LanguageFault, match="is not open"):
        buffer.ask("hover")


# --- completion


def test_keys_are_offered_that_are_not_written_yet(client: LanguageClient) -> None:
    buffer = Buffer(client, SPEC.replace("parallelism: 2", "¦"))
    assert sorted(buffer.offers()) == sorted(
        ("parallelism", "seed", "trial", "waiting", "stopping", "warmStart")
    )
    offer = buffer.offers()["parallelism"]
    assert offer["detail"] == "a whole number, at least 1 and at most 10,000"
    assert offer["documentation"]["value"] == (
        "Trials at once.\n\nTakes a whole number, at least 1 and at most 10,000.\n\nDefault: `1`"
    )


def test_a_block_comes_with_the_indentation_of_what_stands_in_it(client: LanguageClient) -> None:
    buffer = Buffer(client, SPEC.replace("  devices: {server: {runtime: onnx}}\n", "  dev¦\n"))
    assert buffer.completed("devices") == "  devices:\n    "


def test_a_list_comes_with_its_first_dash(client: LanguageClient) -> None:
    buffer = Buffer(client, "spec:\n  obj¦")
    assert buffer.completed("objectives") == "  objectives:\n    - "


@pytest.mark.parametrize(
    ("written", "typed", "offered"),
    [
        ("runtime: onnx", "runtime: ¦", ["onnx", "openvino", "tvm", "tensorrt"]),
        ("type: choice", "type: ¦", ["int", "float", "choice", "ordinal", "bool"]),
        (
            "strategy: auto",
            "strategy: ¦",
            ["auto", *table.names()],
        ),
        ("to: server", "to: ¦", ["server"]),
        ("use: vision/classifier@1", "use: vis¦", ["tabular/learner@1", "vision/classifier@1"]),
        ("maximize accuracy", "m¦", ["maximize", "minimize", "require"]),
        ("latency.p95 on server\n", "latency.¦\n", ["mean", "p50", "p90", "p95", "p99"]),
        ("minimize latency.p95 on server\n", "minimize latency.p95 on ¦\n", ["server"]),
        ("when: family == mlp", "when: family == ¦", ["mlp", "cnn"]),
        ("when: family == mlp", "when: family == m¦", ["mlp", "cnn"]),
        ("$(params.trials)", "$(¦", ["params.trials"]),
        ("$(params.trials)", "$(params.tr¦", ["params.trials"]),
        ("omniforce.dev/v1alpha2", "¦", ["omniforce.dev/v1alpha2"]),
    ],
)
def test_values_are_offered_where_a_few_fit(
    written: str, typed: str, offered: list[str], client: LanguageClient
) -> None:
    buffer = Buffer(client, SPEC.replace(written, typed, 1))
    found = list(buffer.offers())
    assert [o for o in found if o in offered] == [o for o in offered if o in found]
    assert set(offered) <= set(found)


@pytest.mark.parametrize(
    "written",
    [
        "cell: {type: choice, range: {none, skip}, graph: {nodes: 4, absent: ¦}}",
        "graph: {type: choice, range: {none, skip}, graph: {nodes: 4, identity: [none, ¦]}}",
    ],
)
def test_the_operations_of_a_graph_are_those_of_its_choice(
    written: str, client: LanguageClient
) -> None:
    buffer = Buffer(client, SPEC.replace("learning_rate:", f"{written}\n    learning_rate:", 1))
    assert {"none", "skip"} <= set(buffer.offers())


def test_metrics_are_those_of_the_algorithm_and_of_devices(client: LanguageClient) -> None:
    buffer = Buffer(client, SPEC.replace("minimize latency.p95 on server\n", "minimize l¦\n"))
    assert "accuracy" in buffer.offers()
    assert buffer.completed("latency.p95") == "    - minimize latency.p95 on server"


def test_parameters_are_offered_in_constraints(client: LanguageClient) -> None:
    buffer = Buffer(client, SPEC.replace("learning_rate * 100 <= 2", "learn¦"))
    assert {"learning_rate", "width", "kernel", "family"} <= set(buffer.offers())


def test_arguments_are_those_that_nobody_sets(client: LanguageClient) -> None:
    buffer = Buffer(client, SPEC.replace("epochs: 15", "¦"))
    offers = buffer.offers()
    assert "epochs" in offers
    assert "learning_rate" not in offers
    assert offers["epochs"]["documentation"]["value"].startswith("Passes over the training rows.")


@pytest.mark.parametrize(
    ("broken", "offered"),
    [
        (SPEC.replace("  search: {", "  sear¦\n  searched: {"), "search"),
        (SPEC.replace("    - maximize accuracy\n", "    - minimize l¦\n"), "latency.p95"),
        (
            SPEC.replace("  devices: {server: {runtime: onnx}}", "  devices: {server: {ru¦"),
            "runtime",
        ),
        (SPEC.replace("to: server}\n", "to: ¦\n"), "server"),
        ("spec:\n  search:\n    budget: {¦", "wallClock"),
        ("spec:\n\tsearch:\n  data:\n    ¦", "source"),
        ("api¦", "apiVersion"),
        ("¦", "kind"),
        ("spec:\n  data:\n    features:\n      - im¦", "impute"),
        ("spec:\n  data:\n    features:\n      - impute:\n          str¦", "strategy"),
        ("spec:\n  objectives:\n    max¦", "maximize"),
        ("spec: [\n}{ : -\n  search:\n    ¦", "budget"),
    ],
)
def test_completion_works_while_the_file_is_broken(
    broken: str, offered: str, client: LanguageClient
) -> None:
    assert offered in Buffer(client, broken).offers()


def test_names_of_the_last_good_version_are_offered_while_nothing_can_be_read(
    client: LanguageClient,
) -> None:
    buffer = Buffer(client, SPEC)
    typed = SPEC.replace("    - learning_rate * 100 <= 2 or family == mlp\n", "    - fam¦\n")
    at = typed.index("¦")
    buffer.change("]][[\n" * 8 + typed.replace("¦", ""))
    buffer.cursor = buffer.place(at + 5 * 8)
    assert {"family", "learning_rate"} <= set(buffer.offers())


def test_nothing_is_offered_in_comments_and_texts(client: LanguageClient) -> None:
    assert Buffer(client, "spec:\n  # sear¦").offers() == {}
    text = "spec:\n  data:\n    features:\n      - sql: |\n          sel¦"
    assert Buffer(client, text).offers() == {}


# --- hover


@pytest.mark.parametrize(
    ("at", "said"),
    [
        ("  search: {str", "**strategy**\n\nWhich way to search."),
        ("budget: {tri", "How many trials."),
        ("$(params.tri", "**$(params.trials)**\n\nValue: `24`\n\nHow many are tried."),
        ("budget: {trials", "Here: `24`"),
        ("    learning_ra", "range: 0.001...0.03\nscale: log"),
        ("    learning_ra", "default: 0.005"),
        ("mlp: {wid", "Takes part when `family == mlp`."),
        ("maximize accu", "**accuracy**: higher is better"),
        ("latency.p95 on ser", "runtime: onnx\nprecision: fp32\nthreads: 1"),
        ("arguments: {epo", "Passes over the training rows."),
        ("  deployment: {mod", "Which of the trials."),
    ],
)
def test_hover_says_what_a_thing_is(at: str, said: str, client: LanguageClient) -> None:
    shown = Buffer(client, SPEC).ask("hover", at)
    assert shown["contents"]["kind"] == "markdown"
    assert said in shown["contents"]["value"]


def test_hover_over_a_code_shows_its_page(client: LanguageClient) -> None:
    shown = Buffer(client, f"# see OFC203\n{SPEC}").ask("hover", "# see OFC2")
    assert shown["contents"]["value"].startswith("# OFC203: a scale does not fit its range")


# --- navigation


@pytest.mark.parametrize(
    ("at", "declared"),
    [
        ("when: fam", "    family"),
        ("- learning_", "    learning_rate"),
        ("$(params.t", "    trials"),
        ("latency.p95 on s", "  devices: {server"),
        ("256KiB on s", "  devices: {server"),
        ("to: s", "  devices: {server"),
    ],
)
def test_a_name_leads_to_where_it_is_declared(
    at: str, declared: str, client: LanguageClient
) -> None:
    buffer = Buffer(client, SPEC)
    found = buffer.ask("definition", at)
    end = buffer.place(SPEC.index(declared) + len(declared))
    assert (found["uri"], found["range"]["end"]) == (buffer.uri, end)


def test_an_alias_leads_to_its_anchor(client: LanguageClient) -> None:
    text = SPEC.replace("{server: {runtime: onnx}}", "{server: &one {runtime: onnx}, two: *one}")
    buffer = Buffer(client, text)
    found = buffer.ask("definition", "two: *o")
    assert found["range"]["start"] == buffer.place(text.index("&one") + 1)


def test_every_use_of_a_name_is_found(client: LanguageClient) -> None:
    buffer = Buffer(client, SPEC)
    found = buffer.ask("references", "when: fam", context={"includeDeclaration": True})
    assert [line_of(f["range"]) for f in found] == [(9, 4, 10), (16, 49, 55), (18, 34, 40)]
    found = buffer.ask("references", "to: ser", context={"includeDeclaration": False})
    assert [f["range"]["start"]["line"] for f in found] == [21, 22, 25, 25]


def test_navigation_works_in_a_broken_file(client: LanguageClient) -> None:
    buffer = Buffer(client, SPEC.replace("  search: {", "  sear\n  search: {"))
    assert line_of(buffer.ask("definition", "when: fam")["range"]) == (9, 4, 10)


# --- renaming


@pytest.mark.parametrize(
    ("at", "old", "new"),
    [
        ("when: fam", "family", "kind_of_net"),
        ("    learning_", "learning_rate", "rate"),
        ("params.tr", "trials", "tries"),
        ("to: ser", "server", "edge-1"),
    ],
)
def test_a_name_is_changed_everywhere(at: str, old: str, new: str, client: LanguageClient) -> None:
    buffer = Buffer(client, SPEC)
    place = buffer.ask("prepareRename", at)
    assert place["placeholder"] == old
    edits = buffer.ask("rename", at, newName=new)["changes"][buffer.uri]
    expected = SPEC.replace("budget: {trials", "BUDGET").replace(old, new)
    assert buffer.with_edits(edits) == expected.replace("BUDGET", "budget: {trials")


def test_a_renamed_spec_means_the_same(client: LanguageClient) -> None:
    buffer = Buffer(client, SPEC)
    edits = buffer.ask("rename", "to: ser", newName="edge-1")["changes"][buffer.uri]
    buffer.change(buffer.with_edits(edits))
    assert buffer.errors() == []


@pytest.mark.parametrize(
    ("at", "name", "why"),
    [
        ("when: fam", "two words", "is no name of a parameter"),
        ("when: fam", "and", "is a word of the expressions"),
        ("when: fam", "learning_rate", "there is a parameter `learning_rate` already"),
        ("when: fam", "epochs", "there is a parameter `epochs` already"),
        ("    learning_", "mlp", "stands in a condition as a value"),
        ("to: ser", "Server", "small letters"),
        ("params.tr", "a.b", "is no name"),
        ("maximize accu", "loss", "only parameters"),
        ("apiVer", "version", "only parameters"),
    ],
)
def test_a_bad_name_is_refused(at: str, name: str, why: str, client: LanguageClient) -> None:
    with pytest.raises(LanguageFault, match=why) as refused:
        Buffer(client, SPEC).ask("rename", at, newName=name)
    assert refused.value.code == -32803


def test_nothing_is_renamed_while_a_use_could_hide(client: LanguageClient) -> None:
    with pytest.raises(LanguageFault, match="mend it first"):
        Buffer(client, SPEC.replace("  search: {", "  sear\n  search: {")).ask(
            "rename", "when: fam", newName="sort"
        )
    with pytest.raises(LanguageFault, match="the expression in line 19 cannot be read"):
        Buffer(client, SPEC.replace("<= 2 or", "<= 2 ort")).ask(
            "rename", "when: fam", newName="sort"
        )


# --- outline, folding, actions, form


def test_the_outline_is_the_tree_of_keys(client: LanguageClient) -> None:
    symbols = Buffer(client, SPEC).ask("documentSymbol")
    assert [s["name"] for s in symbols] == ["apiVersion", "kind", "metadata", "spec"]
    space = next(s for s in symbols[3]["children"] if s["name"] == "searchSpace")
    assert [(s["name"], s["kind"]) for s in space["children"]] == [
        ("family", 13),
        ("learning_rate", 13),
        ("dropout", 13),
    ]
    assert space["children"][1]["detail"] == "1e-3...3e-2 log, default 5e-3"


def test_blocks_fold(client: LanguageClient) -> None:
    folds = Buffer(client, SPEC).ask("foldingRange")
    assert {"startLine": 8, "endLine": 16} in folds


def test_a_quick_fix_does_as_the_help_says(client: LanguageClient) -> None:
    old = SPEC.replace("v1alpha2", "v1alpha1").replace("to: server}", "to: server, log: true}")
    buffer = Buffer(client, old)
    (found,) = buffer.errors()
    whole = {"start": found["range"]["start"], "end": found["range"]["end"]}
    made = buffer.ask("codeAction", range=whole, context={"diagnostics": [found]})
    fix = next(a for a in made if a["kind"] == "quickfix")
    buffer.change(buffer.with_edits(fix["edit"]["changes"][buffer.uri]))
    assert buffer.errors() == []
    assert [a["kind"] for a in made] == ["quickfix", "source.fixAll"]


def test_advice_can_be_taken_back_with_a_reason(client: LanguageClient) -> None:
    buffer = Buffer(client, SPEC)
    found = client.diagnostics(buffer.uri)
    assert {d["severity"] for d in found} == {4}
    advice = found[0]
    context = {"diagnostics": [advice], "only": ["quickfix"]}
    made = buffer.ask("codeAction", range=advice["range"], context=context)
    silence = next(a for a in made if a["title"] == f"ignore {advice['code']} here, and say why")
    buffer.change(buffer.with_edits(silence["edit"]["changes"][buffer.uri]))
    codes = [d["code"] for d in client.diagnostics(buffer.uri, 2)]
    assert advice["code"] not in codes
    assert set(codes) - {d["code"] for d in found} == {"OFC940"}
    line = advice["range"]["start"]["line"]
    comment = buffer.text.split("\n")[line]
    assert comment.endswith(f"# ofc: ignore[{advice['code']}] because ")
    buffer.change(buffer.text.replace("because \n", "because we know\n"))
    assert "OFC940" not in [d["code"] for d in client.diagnostics(buffer.uri, 3)]


def test_house_form_touches_only_the_lines_that_differ(client: LanguageClient) -> None:
    buffer = Buffer(client, SPEC.replace("  devices: {", "  devices:   {"))
    options = {"tabSize": 2, "insertSpaces": True}
    edits = buffer.ask("formatting", options=options)
    assert [e["range"]["start"]["line"] for e in edits] == [24]
    assert buffer.with_edits(edits) == SPEC
    assert Buffer(client, SPEC).ask("formatting", options=options) == []
    assert Buffer(client, "a: [").ask("formatting", options=options) == []


# --- the protocol


def test_positions_count_as_utf_16_does(client: LanguageClient) -> None:
    text = SPEC.replace("doc: How many", 'doc: "🦊🦊 é", x-a: How many').replace(
        "{strategy: auto", '{x-fox: "🦊", strategy: autoo'
    )
    text = text.replace(', x-a: How many are tried."', "")
    buffer = Buffer(client, text)
    line = text.split("\n").index(next(li for li in text.split("\n") if "autoo" in li))
    before = text.split("\n")[line].index("autoo")
    found = [d for d in buffer.errors() if d["code"] == "OFC330"]
    assert line_of(found[0]["range"]) == (line, before + 1, before + 6)
    assert (
        "Trials at once."
        in buffer.ask(
            "hover", '🦊", strategy: autoo, budget: {trials: $(params.trials)}, parallel'
        )["contents"]["value"]
    )
    edits = buffer.ask("rename", "budget: {trials: $(params.tr", newName="many")
    assert "🦊" in buffer.with_edits(edits["changes"][buffer.uri])
    assert "$(params.many)" in buffer.with_edits(edits["changes"][buffer.uri])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-32"])
def test_the_client_may_count_otherwise(encoding: str) -> None:
    with LanguageClient(OFC) as client:
        able = client.begin(general={"positionEncodings": [encoding]})
        assert able["capabilities"]["positionEncoding"] == encoding
        client.open("untitled:a", SPEC.replace("{strategy: auto", '{x-fox: "🦊é", strategy: autoo'))
        found = client.diagnostics("untitled:a")[-1]
        before = '  search: {x-fox: "🦊é", strategy: '
        start = len(before.encode()) if encoding == "utf-8" else len(before)
        assert line_of(found["range"]) == (23, start, start + 5)
        assert client.end() == 0


def test_whatever_stands_in_a_buffer_is_answered(client: LanguageClient) -> None:
    texts = ["", "\n", "\x00", "a: *b", "- [" * 3000, "{" * 500, "\ud83e", "? : -", "&a *a", "\t"]
    position = {"line": 0, "character": 3}
    for text in [*texts, SPEC.replace("\n", "\r\n"), SPEC.replace("  ", "\t"), "\u2028" + SPEC]:
        buffer = Buffer(client, text)
        for method in ("hover", "definition", "documentSymbol", "foldingRange", "completion"):
            client.ask(
                f"textDocument/{method}",
                {"textDocument": {"uri": buffer.uri}, "position": position},
            )
        buffer.errors()


def test_lines_that_end_as_on_windows_have_the_same_places(client: LanguageClient) -> None:
    buffer = Buffer(client, SPEC.replace("\n", "\r\n"))
    assert buffer.errors() == []
    assert line_of(buffer.ask("definition", "when: fam")["range"]) == (9, 4, 10)


def test_garbage_does_not_end_the_server() -> None:
    with LanguageClient(OFC) as client:
        client.raw(b"hello\r\n\r\nContent-Length: 5\r\n\r\n{]{]{")
        client.raw(b"Content-Length: 2\r\n\r\n[]")
        client.begin()
        client.open("untitled:a", SPEC)
        assert [d for d in client.diagnostics("untitled:a") if d["severity"] < 4] == []
        with pytest.raises(LanguageFault):
            client.ask("textDocument/noSuchThing", {})
        client.request("textDocument/hover", {"position": 3})
        client.tell("textDocument/didChange", {"textDocument": {"uri": "untitled:b"}})
        assert client.ask("textDocument/documentSymbol", {"textDocument": {"uri": "untitled:a"}})
        assert client.end() == 0
        assert b"Traceback" not in b"".join(client.errors)


def test_who_goes_without_leave_is_answered_with_one() -> None:
    with LanguageClient(OFC) as client:
        client.begin()
        client.tell("exit", None)
        assert client.process.wait(60) == 1
    with LanguageClient(OFC) as client:
        client.begin()
        assert client.process.stdin is not None
        client.process.stdin.close()
        assert client.process.wait(60) == 1


# --- templates and overlays

TEMPLATE = """\
apiVersion: omniforce.dev/v1alpha2
kind: Template
metadata: {name: small, version: 1.0.0}
spec:
  params:
    width: {type: int, default: 128, doc: The widest layer.}
  ports:
    device: {type: device, doc: What the model runs on.}
  body:
    algorithm: {use: vision/classifier@1}
    searchSpace:
      family: "{mlp, cnn}"
      width: {type: int, range: 4...$(params.width), when: family == mlp}
    objectives: [minimize latency.p95 on edge]
    devices: {edge: $(ports.device)}
"""


def test_a_template_is_held_to_its_own_shape(client: LanguageClient) -> None:
    assert Buffer(client, TEMPLATE).errors() == []
    broken = TEMPLATE.replace("version: 1.0.0", "version: one").replace("[minimize", "[minimise")
    assert [d["code"] for d in Buffer(client, broken).errors()] == ["OFC104", "OFC201"]


@pytest.mark.parametrize(
    ("written", "typed", "offered"),
    [
        ("  body:\n", "  ¦\n  body:\n", {"use"}),
        ("    objectives:", "    ¦\n    objectives:", {"data", "search", "constraints"}),
        ("type: device", "type: ¦", {"data", "split", "device", "objectives"}),
        ("family == mlp", "family == ¦", {"mlp", "cnn"}),
        ("on edge", "on ¦", {"edge"}),
        ("$(params.width)", "$(params.¦)", {"params.width"}),
        ("version: 1.0.0", "¦", {"version", "description"}),
        ("kind: Template", "kind: ¦", {"OmniForce", "Template"}),
    ],
)
def test_a_template_is_completed_as_a_spec_is(
    written: str, typed: str, offered: set[str], client: LanguageClient
) -> None:
    offers = Buffer(client, TEMPLATE.replace(written, typed, 1)).offers()
    assert offered <= offers.keys()
    assert not {"params", "ports", "body"} & offers.keys()


def test_names_of_a_template_are_known(client: LanguageClient) -> None:
    buffer = Buffer(client, TEMPLATE)
    assert line_of(buffer.ask("definition", "when: fam")["range"]) == (11, 6, 12)
    edits = buffer.ask("rename", "on ed", newName="jetson")["changes"][buffer.uri]
    expected = TEMPLATE.replace("on edge", "on jetson").replace("{edge:", "{jetson:")
    assert buffer.with_edits(edits) == expected
    shown = buffer.ask("hover", "      wid")["contents"]["value"]
    assert "range: 4...128" in shown


def test_an_overlay_need_not_be_whole(client: LanguageClient) -> None:
    overlay = "spec:\n  search: {parallelism: 8}\n  objectives: [{$patch: append}]\n"
    assert client.diagnostics(Buffer(client, overlay).uri) == []
    buffer = Buffer(client, overlay.replace("parallelism: 8", "paralelism: 8"))
    assert [d["code"] for d in client.diagnostics(buffer.uri)] == ["OFC101"]


def test_a_fault_of_a_template_stands_where_it_is_used(
    client: LanguageClient, tmp_path: Path
) -> None:
    template = tmp_path / "small" / "template.yaml"
    template.parent.mkdir()
    template.write_text(TEMPLATE.replace("minimize latency", "minimize latenci"))
    text = """\
apiVersion: omniforce.dev/v1alpha2
kind: OmniForce
metadata: {name: a}
spec:
  use:
    - template: ./small
      ports: {device: {runtime: onnx}}
  data: {source: "sklearn://digits", target: label}
  search: {budget: {trials: 4}}
"""
    uri = (tmp_path / "omniforce.yaml").as_uri()
    client.open(uri, text)
    found = [d for d in client.diagnostics(uri) if d["severity"] == 1]
    assert [(d["code"], d["range"]["start"]["line"]) for d in found] == [("OFC314", 5)]
    assert found[0]["message"].startswith(f"{template}:14:27: `latenci`")
    related = found[0]["relatedInformation"][0]["location"]
    assert (related["uri"], related["range"]["start"]["line"]) == (template.as_uri(), 13)
    template.write_text(TEMPLATE)
    client.tell("textDocument/didSave", {"textDocument": {"uri": uri}})
    assert [d for d in client.diagnostics(uri) if d["severity"] == 1] == []
    client.tell("textDocument/didClose", {"textDocument": {"uri": uri}})
    client.diagnostics(uri)


def test_what_a_template_takes_is_offered_and_explained(
    client: LanguageClient, tmp_path: Path
) -> None:
    template = tmp_path / "small" / "template.yaml"
    template.parent.mkdir()
    template.write_text(TEMPLATE)
    uri = (tmp_path / "omniforce.yaml").as_uri()
    client.open(
        uri, "spec:\n  use:\n    - template: ./small\n      with: {w}\n      ports:\n        \n"
    )
    ask = {"textDocument": {"uri": uri}}
    place = {"line": 3, "character": 14}
    (width,) = client.ask("textDocument/completion", {**ask, "position": place})["items"]
    assert (width["label"], width["detail"]) == ("width", "int")
    assert width["documentation"]["value"] == "The widest layer.\n\nDefault: `128`"
    place = {"line": 5, "character": 8}
    (device,) = client.ask("textDocument/completion", {**ask, "position": place})["items"]
    assert device["textEdit"]["newText"] == "device:\n          "
    client.change(uri, "spec:\n  use:\n    - template: ./small\n      with: {width: 3}\n", 2)
    place = {"line": 3, "character": 14}
    shown = client.ask("textDocument/hover", {**ask, "position": place})
    assert "The widest layer." in shown["contents"]["value"]
    client.tell("textDocument/didClose", ask)


def test_without_its_extra_it_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\nsys.modules.update(dict.fromkeys(('pygls', 'lsprotocol')))\n"
    )
    done = subprocess.run(
        OFC, env={**os.environ, "PYTHONPATH": str(tmp_path)}, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert "error[OFC703]" in done.stderr
    assert "pip install 'omniforce[lsp]'" in done.stderr


def test_who_starts_it_by_hand_is_told_and_can_leave() -> None:
    pty = pytest.importorskip("pty", reason="needs pseudo-terminals")
    terminal, stdin = pty.openpty()
    with subprocess.Popen(OFC, stdin=stdin, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        assert server.stderr.readline().startswith("ofc lsp talks to an editor")
        server.send_signal(signal.SIGINT)
        assert server.wait(30) == -signal.SIGINT
    os.close(stdin)
    os.close(terminal)
