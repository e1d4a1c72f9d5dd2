"""`ofc` in this process: what goes to stdout, what to stderr, and the exit code."""

import json
from pathlib import Path
from typing import Any

import click
import pytest

from omniforce.compiler.cli import exits
from omniforce.compiler.cli.main import COMMANDS, ofc
from omniforce.compiler.diagnostics.codes import CODES
from omniforce.compiler.errors import CompilerBug
from omniforce.compiler.lock import LOCK
from omniforce.compiler.version import VERSION

ROOT = Path(__file__).parents[2]
STARTER = ROOT / "compiler" / "cli" / "starter.yaml"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every command runs in an empty folder, with a cache of its own and without colours."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / ".cache"))
    for name in ("NO_COLOR", "FORCE_COLOR", "OFC_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def spec(**changes: str) -> Path:
    """The starter with texts replaced: `old="new"` by the table below."""
    text = STARTER.read_text()
    for name, new in changes.items():
        old = {
            "strategy": "strategy: auto",
            "metric": "maximize accuracy",
            "scale": "scale: {min: 0, max: 4}",
            "budget": "budget: {trials: $(params.trials)}",
            "comment": "# A study of small image classifiers",
            "runtime": "server: {runtime: onnx}",
        }[name]
        assert old in text
        text = text.replace(old, new)
    path = Path("omniforce.yaml")
    path.write_text(text)
    return path


# the whole


def test_help_lists_the_commands_and_the_exit_codes(call: Any) -> None:
    code, out, err = call("--help")
    assert (code, err) == (0, "")
    assert all(f"  {name} " in out for name in COMMANDS)
    assert all(meaning in " ".join(out.split()) for meaning in exits.MEANINGS.values())


def test_the_page_of_the_command_line_has_the_same_exit_codes() -> None:
    text = (ROOT / "docs" / "cli.md").read_text()
    assert all(f"| {code} | {meaning} |" in text for code, meaning in exits.MEANINGS.items())
    assert all(f"`ofc {name}" in text for name in COMMANDS)


@pytest.mark.parametrize("name", [n for n in COMMANDS if n != "lsp"])  # which speaks to editors
def test_every_command_has_help_and_takes_json_and_colours(name: str, call: Any) -> None:
    code, out, _ = call(name, "--help")
    assert code == 0
    assert "--color" in out
    assert ("--format" if name == "compile" else "-o, --output") in out
    command = ofc.get_command(click.Context(ofc), name)
    assert command is not None
    assert command.help


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (("chek",), "did you mean `ofc check`?"),
        (("zzz",), "`ofc --help` lists the commands"),
        (("check", "--nothing"), "No such option"),
        (("check", "-o", "xml"), "'xml' is not one of 'text', 'json'"),
        (("compile", "--target", "moon"), "'moon' is not one of"),
        (("render", "a", "-f", "b"), "the spec is named twice"),
        (("compile", "--locked", "-o", "-"), "name it with `-o DIR`"),
        (("compile", "-o", ""), "`-o` names no folder"),
        (("check", "-p", "trials"), "write `-p name=value`"),
        (("check", "-p", "a=1", "-p", "a=2"), "`-p a=` stands twice"),
        (("check", "-", "-"), "`-` stands twice"),
        (("check", "-", "-f", "-"), "`-` stands twice"),
        (("check", "a", "-f", "-", "-f", "-"), "`-` stands twice"),
        (("render", "-f", "-", "-f", "-"), "stands twice"),
        (("diff", "-", "-"), "`-` stands twice"),
        (("plan", "-", "--prices", "-"), "`-` stands twice"),
        (("explain", "OFC999"), "there is no code OFC999"),
        (("completion", "tcsh"), "'tcsh' is not one of"),
    ],
)
def test_a_wrong_command_line_is_64_and_says_how(
    arguments: tuple[str, ...], hint: str, call: Any
) -> None:
    code, out, err = call(*arguments)
    assert (code, out) == (exits.USAGE, "")
    assert hint in " ".join(err.split())


def test_a_fault_of_our_own_asks_to_be_reported(call: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise CompilerBug("place-steps", ("search: has no runner",))

    monkeypatch.setattr("omniforce.compiler.cli.checking.compile_study", broken)
    spec()
    code, out, err = call("check")
    assert (code, out) == (exits.BUG, "")
    assert err.startswith("bug: the pass `place-steps` left a broken program: search: has no")
    assert "Traceback" not in err
    monkeypatch.setenv("OFC_DEBUG", "1")
    assert "Traceback" in call("check")[2]


def test_ctrl_c_is_130(call: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("omniforce.compiler.cli.checking.compile_study", interrupted)
    spec()
    assert call("check") == (exits.INTERRUPTED, "", "\ninterrupted\n")


# init


def test_init_writes_a_spec_that_passes(call: Any) -> None:
    code, out, err = call("init")
    assert (code, out) == (0, "")
    assert err.startswith("wrote omniforce.yaml: ")
    text = Path("omniforce.yaml").read_text()
    assert text.startswith("# yaml-language-server: $schema=https://omniforce.dev/schema/")
    assert call("check") == (0, "", "omniforce.yaml: no errors\n")
    assert call("compile")[0] == 0


def test_init_overwrites_only_when_forced(call: Any) -> None:
    Path("mine.yaml").write_text("mine")
    code, out, err = call("init", "mine.yaml")
    assert (code, out) == (exits.FAILED, "")
    assert err.startswith("error[OFC702]: `mine.yaml` exists already\n")
    assert Path("mine.yaml").read_text() == "mine"
    assert call("init", "mine.yaml", "--force")[0] == 0
    assert Path("mine.yaml").read_text() == STARTER.read_text()


def test_init_says_why_it_cannot_write(call: Any) -> None:
    code, _, err = call("init", "nowhere/omniforce.yaml")
    assert code == exits.FAILED
    assert err.startswith("error[OFC701]: `nowhere/omniforce.yaml` cannot be written: no such")


# check


def test_check_shows_every_error_of_every_pass_at_once(call: Any) -> None:
    spec(
        strategy="strategy: bayesean",
        metric="maximize acuracy",
        budget="budget: {usd: 3}",
        scale="scale: {min: 0, max: 4, coldStart: {p95: 1ms}}",
    )
    code, out, err = call("check", "-o", "json")
    found = json.loads(out)["files"][0]
    assert (code, err, found["valid"]) == (exits.INVALID, "", False)
    assert [d["code"] for d in found["diagnostics"]] == [
        "OFC302",
        "OFC321",
        "OFC330",
        "OFC501",
        "OFC505",
    ]


def test_check_shows_the_passes_findings_beside_those_of_the_rules(call: Any) -> None:
    path = spec(strategy="strategy: bayesean")
    path.write_text(path.read_text().replace("train: 0.6", "train: 0.7"))
    _, out, _ = call("check", "-o", "json")
    found = json.loads(out)["files"][0]["diagnostics"]
    assert [d["code"] for d in found] == ["OFC306", "OFC330"]


def test_check_writes_diagnostics_to_stderr(call: Any) -> None:
    spec(strategy="strategy: bayesean")
    code, out, err = call("check")
    assert (code, out) == (exits.INVALID, "")
    assert err.startswith("error[OFC330]: there is no strategy `bayesean`\n  --> omniforce.yaml:")
    assert err.endswith("\n\n1 error\n")


def test_warnings_refuse_nothing(call: Any) -> None:
    spec(metric="minimize accuracy")
    code, _, err = call("check")
    assert code == 0
    assert err.startswith("warning[OFC328]: ")
    assert err.endswith("\n1 warning\nomniforce.yaml: no errors\n")


def test_check_of_several_files_fails_for_one(call: Any) -> None:
    spec()
    code, _, err = call("check", "omniforce.yaml", "missing.yaml")
    assert code == exits.INVALID
    assert "omniforce.yaml: no errors\n" in err
    assert "error[OFC001]: `missing.yaml` cannot be read" in err


def test_check_sets_parameters(call: Any) -> None:
    spec()
    assert call("check", "-p", "trials=3")[0] == 0
    assert call("check", "-p", "trials=0")[0] == exits.INVALID
    assert call("check", "-p", "nothing=1")[0] == exits.INVALID


def test_check_asks_a_target_where_one_is_named(call: Any) -> None:
    spec(runtime="server: {runtime: tensorrt, agent: lab}")
    assert call("check")[0] == 0
    code, out, _ = call("check", "--target", "kubernetes", "-o", "json")
    found = json.loads(out)["files"][0]["diagnostics"]
    assert code == exits.INVALID
    assert [(d["code"], d["span"]["line"]) for d in found] == [("OFC401", 48), ("OFC401", 48)]


@pytest.mark.parametrize(
    ("arguments", "variables", "colored"),
    [
        ((), {}, False),
        (("--color", "always"), {}, True),
        ((), {"FORCE_COLOR": "1"}, True),
        ((), {"FORCE_COLOR": "0"}, False),
        ((), {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        (("--color", "always"), {"NO_COLOR": "1"}, True),
        (("--color", "never"), {"FORCE_COLOR": "1"}, False),
    ],
)
def test_colours_are_the_flags_then_the_environments(
    arguments: tuple[str, ...],
    variables: dict[str, str],
    colored: bool,
    call: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    spec(strategy="strategy: bayesean")
    assert ("\x1b[" in call("check", *arguments)[2]) is colored


# render


def test_render_writes_a_spec_that_means_the_same(call: Any) -> None:
    spec()
    code, out, err = call("render")
    assert (code, err) == (0, "")
    Path("long.yaml").write_text(out)
    assert call("render", "long.yaml")[1] == out
    assert "parallelism: 2" in out
    assert "retries: 1" in out


def test_render_in_json_is_the_study(call: Any) -> None:
    spec()
    code, out, _ = call("render", "-o", "json")
    document = json.loads(out)
    assert (code, document["formatVersion"]) == (0, "1.0")
    assert document["study"]["metadata"]["name"] == "my-study"


def test_render_says_what_was_chosen_and_why(call: Any) -> None:
    spec()
    code, out, err = call("render", "--why")
    assert (code, err) == (0, "")
    first, rest = out.split("\n", 1)
    assert first.startswith("# choose-strategy: `")
    assert ", since " in first
    Path("long.yaml").write_text(out)
    assert call("render", "--why", "long.yaml")[1].split("\n", 1)[0] == first
    assert call("render")[1] in rest
    document = json.loads(call("render", "--why", "-o", "json")[1])
    assert document["why"][0] == {"pass": "choose-strategy", "note": first.partition(": ")[2]}


def test_render_refuses_what_check_refuses(call: Any) -> None:
    spec(budget="budget: [1]")
    code, out, err = call("render")
    assert (code, out) == (exits.INVALID, "")
    assert "error[OFC103]" in err


# compile


def test_compile_writes_a_folder_with_its_lock_and_gives_the_same_bytes(call: Any) -> None:
    spec()
    code, out, err = call("compile", "-o", "dist")
    first = {p.name: p.read_bytes() for p in Path("dist").iterdir()}
    assert (code, out) == (0, "")
    assert err.startswith(f"{len(first)} files in dist: {len(first)} changed\n")
    assert LOCK in first
    assert call("compile", "-o", "again")[0] == 0
    assert {p.name: p.read_bytes() for p in Path("again").iterdir()} == first


def test_a_comment_and_another_path_change_nothing(call: Any) -> None:
    spec()
    call("compile", "-o", "dist")
    first = {p.name: p.read_bytes() for p in Path("dist").iterdir()}
    path = spec(comment="# Another comment,\n# over two lines, with\n# A study of classifiers")
    Path("sub").mkdir()
    path.rename("sub/other.yaml")
    assert call("compile", "sub/other.yaml", "-o", "dist")[0] == 0
    assert {p.name: p.read_bytes() for p in Path("dist").iterdir()} == first


def test_compile_reports_in_json_what_it_did(call: Any) -> None:
    spec()
    code, out, err = call("compile", "--format", "json")
    document = json.loads(out)
    assert (code, err) == (0, "")
    assert {k: document[k] for k in ("formatVersion", "study", "target", "output")} == {
        "formatVersion": "1.0",
        "study": "my-study",
        "target": "kubernetes",
        "output": "dist",
    }
    assert sorted(document["files"]) == sorted(p.name for p in Path("dist").iterdir())


def test_compile_removes_what_is_not_needed_any_more(call: Any) -> None:
    path = spec()
    call("compile")
    text = path.read_text()
    path.write_text(text[: text.index("  # What is served.")])
    Path("dist/mine.yaml").write_text("mine: 1\n")
    call("compile")
    names = {p.name for p in Path("dist").iterdir()}
    assert "mine.yaml" in names
    assert not any("inferenceservice" in name for name in names)


def test_locked_holds_what_is_committed(call: Any) -> None:
    spec()
    code, _, err = call("compile", "--locked")
    assert (code, not Path("dist").exists()) == (exits.FAILED, True)
    assert err.startswith("error[OFC601]: there is no `ofc.lock` in `dist` to hold on to\n")
    call("compile")
    assert call("compile", "--locked")[0] == 0
    spec(strategy="strategy: random")
    code, _, err = call("compile", "--locked")
    assert code == exits.FAILED
    assert "strategy: bayesian became random" in err


def test_compile_streams_objects_alone(call: Any) -> None:
    spec()
    code, out, err = call("compile", "-o", "-")
    assert (code, err) == (0, "")
    assert out.startswith("---\napiVersion: ")
    assert out.count("\n---\n") + 1 == out.count("\nkind: ") + out.startswith("kind: ")
    assert "kind: Kustomization" not in out
    assert not Path("dist").exists()


def test_trace_shows_on_stderr_what_changed_and_why(call: Any) -> None:
    spec()
    _, out, err = call("compile", "--trace")
    assert out == ""
    assert (
        """
pass choose-strategy
  search
  -   strategy: {"name": "auto"}
  +   strategy: {"name": "bayesian"}
  because: `bayesian`, since a budget of 24 trials leaves enough to learn from; """
        in err
    )
    assert "pass resolve-devices: no change\n" in err


def test_compile_refuses_and_writes_nothing(call: Any) -> None:
    spec(runtime="server: {runtime: tensorrt}")
    code, out, err = call("compile")
    assert (code, out) == (exits.INVALID, "")
    assert err.startswith("error[OFC401]: the runtime `tensorrt` is not on the target `kubernetes`")
    assert not Path("dist").exists()


# explain, schema, version, completion


def test_explain_shows_the_page(call: Any) -> None:
    code, out, err = call("explain", "ofc501")
    assert (code, err) == (0, "")
    assert out.startswith("# OFC501: nothing bounds the search\n")
    assert call("explain", "501") == (0, out, "")
    document = json.loads(call("explain", "OFC501", "-o", "json")[1])
    assert document == {
        "formatVersion": "1.0",
        "code": "OFC501",
        "title": CODES["OFC501"],
        "page": out,
    }


def test_explain_lists_the_codes(call: Any) -> None:
    code, out, _ = call("explain")
    assert code == 0
    assert out == "".join(f"{code}  {title}\n" for code, title in CODES.items())


def test_schema_is_json_in_both_formats(call: Any) -> None:
    code, out, _ = call("schema")
    assert code == 0
    assert json.loads(out)["$schema"].startswith("http://json-schema.org/draft-07")
    assert call("schema", "-o", "json")[1] == out


def test_version_is_that_of_the_package(call: Any) -> None:
    code, out, _ = call("version")
    assert code == 0
    assert out.startswith(f"ofc {VERSION} (Python 3.")
    assert json.loads(call("version", "-o", "json")[1])["version"] == VERSION
    assert f'version = "{VERSION}"' in (ROOT / "pyproject.toml").read_text()


@pytest.mark.parametrize("shell", ["bash", "fish", "zsh"])
def test_completion_writes_a_script(shell: str, call: Any) -> None:
    code, out, err = call("completion", shell)
    assert (code, err) == (0, "")
    assert "_OFC_COMPLETE" in out


def test_analyze_tells_thousands_in_full(call: Any, tmp_path: Path) -> None:
    many = "".join(f"    p{n}: 0.0...1.0\n" for n in range(1200))
    spec = tmp_path / "many.yaml"
    spec.write_text(
        "apiVersion: omniforce.dev/v1alpha2\nkind: OmniForce\nmetadata: {name: many}\nspec:\n"
        '  data: {source: "sklearn://digits"}\n'
        "  algorithm: {image: 'e.org/m:1', estimator: 'a.b:C', metrics: [accuracy]}\n"
        f"  searchSpace:\n{many}"
        "  objectives: [maximize accuracy]\n  search: {budget: {trials: 8}}\n"
    )
    code, out, _ = call("analyze", str(spec))
    assert (code, out.splitlines()[2]) == (0, "  active    1,200 of 1,200 coordinates in a trial")
