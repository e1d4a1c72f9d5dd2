"""What looks like a secret is found wherever it stands, is shown nowhere, and words are none."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omniforce.compiler.cli.main import run
from omniforce.compiler.diagnostics.json_ import plain_diagnostics
from omniforce.compiler.diagnostics.text import render_text
from omniforce.compiler.lint.redaction import without_secrets
from omniforce.compiler.lint.secrets import secrets
from omniforce.spec.diagnostic import Diagnostic
from omniforce.spec.source import Source, Span

from .linting import GOOD, linted


def found(text: str) -> list[tuple[int, str]]:
    return [(s.span.column, s.text) for s in secrets(Source("a.yaml", text))]


@pytest.mark.parametrize(
    ("line", "secret"),
    [
        ("source: postgres://me:hunter2@db/rows", "hunter2"),
        ("source: s3://AKIAIOSFODNN7EXAMPLE:x@b/c", "AKIAIOSFODNN7EXAMPLE"),
        ("- sql: select * from t where token = 'a1b2c3d4'", "a1b2c3d4"),
        ("source: https://h/x.csv?sv=1&sig=aZ09%2Bkd8&x=1", "aZ09%2Bkd8"),
        ("arguments: {password: correct-horse-9}", "correct-horse-9"),
        ("# hf_abcdefghijklmnopqrstuvwxyzABCDEF12", "hf_abcdefghijklmnopqrstuvwxyzABCDEF12"),
        (
            "x-note: q8ZkT2vX9bLm4RwY7nPcQ1sD5tG",
            "q8ZkT2vX9bLm4RwY7nPcQ1sD5tG",
        ),
        ("key: 3f9a1c7be2d84f60a5b1c8d97e24f013", "3f9a1c7be2d84f60a5b1c8d97e24f013"),
        (
            "jwt: eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc",
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc",
        ),
        ("-----BEGIN RSA PRIVATE KEY-----", "-----BEGIN RSA PRIVATE KEY-----"),
    ],
)
def test_a_secret_is_found_with_its_place(line: str, secret: str) -> None:
    assert (line.index(secret) + 1, secret) in found(line)


@pytest.mark.parametrize(
    "line",
    [
        f"image: example.org/a@sha256:{'9f2c6a7d8e1b4c5f' * 4}",
        "use: git::https://example.org/t.git?ref=3f9a1c7be2d84f60a5b1c8d97e24f0133f9a1c7b",
        "source: postgres://me:$(params.password)@db/rows",
        "source: postgres://me:****@db/rows",
        "store: {name: ofc-store, key: url}",
        "secret: ofc-store-credentials",
        "token: $(params.token)",
        "password: <your password>",
        "backbone_nums_block_of_the_2nd_transformer_encoder: 1...4",
        "numberOfTransformerEncoderBlocks2: int 1...4",
        "TestFp32OnTwoThreads: 1",
        "token = session.start(now)",
        "a-very-long-name-with-1-digit-and-many-words: 1",
        "$schema=https://omniforce.dev/schema/v1alpha1.json",
        "select p1, p2, p3, p4, p5, p6, p7, p8, p9 from data where max_tokens = 5",
        "estimator: my_package.sub_module_2.long_module_name:EstimatorClass",
        "1234567890123456789012345678901234567890",
    ],
)
def test_words_names_digests_and_placeholders_are_no_secrets(line: str) -> None:
    assert found(line) == []


def test_no_output_of_the_linter_has_the_secret() -> None:
    key = "q8ZkT2vX9bLm4RwY7nPcQ1sD5tG"
    text = GOOD.replace("{estimator", f"{{arguments: {{k: {key}}}, estimator").replace(
        "width: int 8...128 log, default 32", f"width: {{{key}}} # ofc: ignore[OFC916] by {key}"
    )
    said = linted(text)
    everything = [
        render_text(said.diagnostics, said.sources),
        json.dumps(plain_diagnostics(said.diagnostics)),
        repr(said.suppressed),
        *(s.text for s in said.sources.values()),
    ]
    assert [d.code for d in said.diagnostics] == ["OFC900", "OFC900", "OFC900"]
    assert [s.reason for s in said.suppressed] == ["by ***"]
    assert [part for part in everything if key in part] == []


@pytest.mark.parametrize(
    "command",
    [
        ("graph",),
        ("graph", "-o", "svg"),
        ("graph", "-o", "json"),
        ("compile", "--target", "local", "--trace", "-o", "-"),
    ],
)
def test_nothing_that_is_drawn_or_traced_has_the_secret(
    command: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    starter = Path(__file__).parents[3] / "compiler" / "cli" / "starter.yaml"
    spec = tmp_path / "omniforce.yaml"
    spec.write_text(
        starter.read_text().replace("sklearn://digits", "sql://me:hunter2secretpw@db.org/rows")
    )
    run([*command, str(spec)])
    out, err = capsys.readouterr()
    assert "sql://me:" in out + err
    assert "hunter2" not in out + err


def test_a_message_about_a_line_with_a_secret_shows_stars() -> None:
    source = Source("a.yaml", "source: postgres://me:hunter2@db\nb: hunter2\n")
    error = Diagnostic("OFC103", "`hunter2` is no number", Span("a.yaml", 1, 9, 1, 20))
    (shown,), sources = without_secrets([error], {"a.yaml": source})
    assert shown.message == "`***` is no number"
    assert sources["a.yaml"].line(1) == "source: postgres://me:*******@db"


@given(st.text())
def test_any_text_is_looked_through_and_places_hold_what_was_found(text: str) -> None:
    source = Source("a.yaml", text)
    for secret in secrets(source):
        line = text.split("\n")[secret.span.line - 1]
        assert line[secret.span.column - 1 : secret.span.end_column - 1] == secret.text
