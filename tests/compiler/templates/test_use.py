"""What templates bring: parameters, ports, templates of their own, files; and what they may not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from omniforce.compiler.diagnostics.text import render_text
from omniforce.compiler.templates.folder import TemplateFolder
from omniforce.spec.blocks.study import API_VERSION
from omniforce.spec.load import Loaded, load
from omniforce.spec.read_source import read_source
from omniforce.spec.render import render
from omniforce.spec.source import Source
from omniforce.spec.templates.expand import DEPTH
from omniforce.spec.templates.library import Opened, Refused
from omniforce.spec.templates.reference import (
    Git,
    Hub,
    Local,
    Oci,
    Reference,
    Unreadable,
    parse_reference,
)
from omniforce.spec.versions import migrate
from tests.support.templates import HEAD, TEMPLATE, loaded_from, spec_of, write


@pytest.fixture(autouse=True)
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def template(body: str, rest: str = "") -> str:
    """A template that brings `body`, written in one line."""
    head = f"apiVersion: {API_VERSION}\nkind: Template\nmetadata: {{name: t}}\n"
    return f"{head}spec:\n{rest}  body: {body}\n"


def made(files: dict[str, str], *overlays: str) -> Loaded:
    write(Path(), files)
    return loaded_from(Path(), "omniforce.yaml", *overlays)


def good(files: dict[str, str], *overlays: str) -> Loaded:
    loaded = made(files, *overlays)
    assert loaded.diagnostics == ()
    assert loaded.study is not None
    return loaded


def said(loaded: Loaded) -> list[tuple[str, str]]:
    return [(d.code, d.message) for d in loaded.diagnostics]


BASE = {"small.yaml": TEMPLATE}


def test_a_spec_goes_before_its_template_and_an_overlay_before_both() -> None:
    files = {
        **BASE,
        "omniforce.yaml": spec_of("[./small.yaml]", "    ") .replace(
            "search: {", "objectives: [maximize f1]\n  search: {seed: 3, "
        ),
        "prod.yaml": "spec:\n  search: {seed: 4}\n"
        "  use: [{template: ./small.yaml, with: {width: 64}}]\n",
    }  # fmt: skip
    spec = good(files).study
    assert spec is not None
    search = spec.spec.search
    assert (search.parallelism, search.seed, search.budget.trials) == (2, 3, 8)
    over = good(files, "prod.yaml").study
    assert over is not None
    assert over.spec.search.seed == 4
    assert [str(c.domain) for c in over.spec.search_space.coordinates if c.name == "width"] == [
        str(c.domain).replace("32", "64")
        for c in spec.spec.search_space.coordinates
        if c.name == "width"
    ]


def test_the_same_written_out_is_the_same_study() -> None:
    loaded = good({**BASE, "omniforce.yaml": spec_of("[./small.yaml]")})
    again = load(Source("long.yaml", render(loaded)))
    assert again.diagnostics == ()
    assert again.study == loaded.study


def test_a_later_template_goes_before_an_earlier_one() -> None:
    other = template("{search: {parallelism: 5}}")
    loaded = good({**BASE, "b.yaml": other, "omniforce.yaml": spec_of("[./small.yaml, ./b.yaml]")})
    assert loaded.study is not None
    assert loaded.study.spec.search.parallelism == 5
    assert [u.name for u in loaded.templates] == ["small.yaml", "b.yaml"]


def test_a_spec_removes_what_a_template_brings() -> None:
    files = {"t.yaml": TEMPLATE.replace("width: 4...", "spare: 1...3\n      width: 4...")}
    text = spec_of("[./t.yaml]", "  searchSpace: {spare: {$patch: delete}}\n")
    loaded = good({**files, "omniforce.yaml": text})
    assert loaded.study is not None
    names = [c.name for c in loaded.study.spec.search_space.coordinates]
    assert names == ["learning_rate", "width"]


def test_a_port_takes_a_whole_block_with_the_users_places() -> None:
    text = TEMPLATE.replace(
        'data: {source: "sklearn://digits", target: label}', "data: $(ports.data)"
    ).replace("  body:", "  ports: {data: {type: data, doc: the rows}}\n  body:")
    use = '[{template: ./t.yaml, ports: {data: {source: "sklearn://digits", target: label}}}]'
    good({"t.yaml": text, "omniforce.yaml": spec_of(use)})
    loaded = made({"omniforce.yaml": spec_of(use.replace("target", "trget"))})
    (found,) = loaded.diagnostics
    assert (found.code, found.span and found.span.file) == ("OFC101", "omniforce.yaml")


def test_a_port_has_a_default() -> None:
    text = (
        TEMPLATE.replace("search: {parallelism: 2}", "search: $(ports.search)")
        .replace(
            "  body:",
            "  ports: {search: {type: search, default: {parallelism: $(params.at_once)}}}\n  body:",
        )
        .replace("params:\n", "params:\n    at_once: {type: int, default: 6}\n")
    )
    loaded = good({"t.yaml": text, "omniforce.yaml": spec_of("[./t.yaml]")})
    assert loaded.study is not None
    assert loaded.study.spec.search.parallelism == 6


def test_values_of_the_spec_go_through_a_use_with_their_types() -> None:
    text = spec_of("[{template: ./small.yaml, with: {width: $(params.most)}}]").replace(
        "spec:\n", "spec:\n  params: {most: {type: int, default: 16}}\n", 1
    )
    loaded = good({**BASE, "omniforce.yaml": text})
    assert "range: 4...16" in render(loaded)


def test_a_text_of_a_template_is_filled_once() -> None:
    body = """{data: {source: "sklearn://digits", target: label, features: [{sql: "select *, \
'$$(params.x) $(params.word)' as a from data"}]}}"""
    text = template(body, "  params: {word: {type: string}}\n")
    use = "[./small.yaml, {template: ./t.yaml, with: {word: $$x}}]"
    loaded = made({**BASE, "t.yaml": text, "omniforce.yaml": spec_of(use)})
    assert [c for c, _ in said(loaded)] == ["OFC340"]
    use = "[./small.yaml, {template: ./t.yaml, with: {word: y}}]"
    loaded = good({"omniforce.yaml": spec_of(use)})
    assert loaded.study is not None
    (step,) = loaded.study.spec.data.features
    assert "'$(params.x) y'" in str(step)
    assert load(Source("long.yaml", render(loaded))).study == loaded.study


def test_templates_stand_in_each_other_and_the_outer_one_goes_before() -> None:
    outer = template("{search: {parallelism: 7}}", "  use: [./small.yaml]\n")
    loaded = good({**BASE, "o.yaml": outer, "omniforce.yaml": spec_of("[./o.yaml]")})
    assert loaded.study is not None
    assert loaded.study.spec.search.parallelism == 7


def test_a_folder_means_the_template_in_it() -> None:
    good({"t/template.yaml": TEMPLATE, "omniforce.yaml": spec_of("[./t]")})


def test_a_file_of_a_template_is_found_from_the_spec() -> None:
    body = '{data: {source: "file://rows.csv", target: label}}'
    files = {"t/template.yaml": template(body), "t/rows.csv": "label,a\n1,2\n"}
    use = "[./small.yaml, ./t]"
    loaded = good({**BASE, **files, "omniforce.yaml": spec_of(use)})
    assert loaded.study is not None
    assert loaded.study.spec.data.source == "file://t/rows.csv"


@pytest.mark.parametrize(
    "path", ["../secret.csv", "/etc/passwd", "link.csv", "none.csv", "d/../../secret.csv", ""]
)
def test_a_file_of_a_template_never_leaves_its_folder(work: Path, path: str) -> None:
    body = f'{{data: {{source: "file://{path}", target: label}}}}'
    write(work, {"secret.csv": "a\n", "t/template.yaml": template(body), "t/d/x": ""})
    (work / "t/link.csv").symlink_to(work / "secret.csv")
    loaded = made({**BASE, "omniforce.yaml": spec_of("[./small.yaml, ./t]")})
    assert [c for c, _ in said(loaded)] == ["OFC359"]


@pytest.mark.parametrize("path", ["../b.yaml", "/etc/passwd", "./link.yaml", "../../x"])
def test_a_template_uses_none_outside_its_folder(work: Path, path: str) -> None:
    (work / "t").mkdir()
    (work / "t/link.yaml").symlink_to(work / "b.yaml")
    text = template("{}", f"  use: [{path}]\n")
    loaded = made({"b.yaml": TEMPLATE, "t/template.yaml": text, "omniforce.yaml": spec_of("[./t]")})
    assert [c for c, _ in said(loaded)] in (["OFC359"], ["OFC350"])


@pytest.mark.parametrize(
    "use",
    [
        "{outside}/netrc",
        "/proc/self/environ",
        "../netrc",
        "./link",
        "./folder",
        "./link-to-folder",
        "./.git/config",
        "./loop",
    ],
)
def test_no_file_outside_the_repository_is_read(work: Path, use: str) -> None:
    secret = "machine example.org login qa password hunter2\n"
    write(work, {"netrc": secret, "out/template.yaml": secret, "repo/.git/config": secret})
    (work / "repo/link").symlink_to(work / "netrc")
    (work / "repo/link-to-folder").symlink_to(work / "out")
    (work / "repo/loop").symlink_to("loop")
    (work / "repo/folder").mkdir()
    (work / "repo/folder/template.yaml").symlink_to(work / "netrc")
    spec = spec_of(f'["{use.format(outside=work)}"]')
    write(work, {"repo/omniforce.yaml": spec})
    loaded = loaded_from(work / "repo")
    assert [c for c, _ in said(loaded)] in (["OFC359"], ["OFC352"], ["OFC350"])
    assert not any("hunter2" in source.text for source in loaded.sources)


def test_a_template_lies_anywhere_in_the_repository(work: Path) -> None:
    write(work, {".git/HEAD": "", "shared/small.yaml": TEMPLATE})
    write(work, {"specs/a/omniforce.yaml": spec_of("[../../shared/small.yaml]")})
    assert said(loaded_from(work / "specs/a")) == []


@pytest.mark.parametrize("text", ["password: hunter2\n", "hunter2: [\n", "kind: hunter2\n"])
def test_a_file_that_is_no_template_is_not_quoted(text: str) -> None:
    loaded = made({"t.yaml": text, "omniforce.yaml": spec_of("[./t.yaml]")})
    (found,) = loaded.diagnostics
    assert (found.code, found.span and found.span.file) == ("OFC353", loaded.source.name)
    assert "hunter2" not in repr(found)


def test_a_circle_is_named_with_its_way() -> None:
    files = {
        "a.yaml": template("{}", "  use: [./b.yaml]\n"),
        "b.yaml": template("{}", "  use: [./a.yaml]\n"),
        "omniforce.yaml": spec_of("[./a.yaml]"),
    }
    assert said(made(files)) == [("OFC357", "the template uses itself: a.yaml -> b.yaml -> a.yaml")]


def test_a_pit_has_a_bottom() -> None:
    files = {f"t{i}.yaml": template("{}", f"  use: [./t{i + 1}.yaml]\n") for i in range(DEPTH + 1)}
    loaded = made({**files, "omniforce.yaml": spec_of("[./t0.yaml]")})
    assert [c for c, _ in said(loaded)] == ["OFC358"]


def test_a_crowd_has_an_end() -> None:
    wide = ", ".join(["./b.yaml"] * 50)
    files = {
        "a.yaml": template("{}", f"  use: [{wide}]\n"),
        "b.yaml": template("{}"),
        "omniforce.yaml": spec_of("[./a.yaml, ./a.yaml]"),
    }
    assert [c for c, _ in said(made(files))] == ["OFC358", "OFC358"]


@pytest.mark.parametrize(
    ("use", "code", "message"),
    [
        ("[./smal.yaml]", "OFC352", "there is no template `./smal.yaml`"),
        ("[/dev/zero]", "OFC359", "`/dev/zero` is no place in the repository of the spec"),
        ("[./omniforce.yaml]", "OFC353", "`./omniforce.yaml` is no template"),
        ("[small]", "OFC350", "`small` is no place of a template"),
        ("[https://example.org/t]", "OFC350",
         "`https://example.org/t` does not say how it is fetched"),
        ("[oci://example.org/t]", "OFC350",
         "`oci://example.org/t` does not say which version"),
        ("[git::https://example.org/r//t]", "OFC350",
         "`git::https://example.org/r//t` does not say which version"),
        ("[git::http://e.org/r//t?ref=v1]", "OFC350",
         "`git::http://e.org/r//t?ref=v1` is not fetched: anybody on the way could change it"),
        ("[small@1]", "OFC361", "`small@1` is not vendored, and nothing is fetched here"),
        ("[{template: ./small.yaml, with: {width: 400}}]", "OFC354",
         "the number `400` does not fit the template's parameter `width`"),
        ("[{template: ./small.yaml, with: {width: \"8\"}}]", "OFC354",
         "the string `8` does not fit the template's parameter `width`"),
        ("[{template: ./small.yaml, with: {wdth: 8}}]", "OFC354",
         "the template `small` has no parameter `wdth`"),
        ("[{template: ./small.yaml, ports: {data: {}}}]", "OFC355",
         "the template `small` has no port `data`"),
        ("[{template: ./small.yaml, wth: {}}]", "OFC101", "`wth` is no key of `use[0]`"),
        ("./small.yaml", "OFC103", "`use` is the string `./small.yaml`, expected a list"),
    ],
)  # fmt: skip
def test_a_use_that_cannot_be_meant_is_named(use: str, code: str, message: str) -> None:
    assert said(made({**BASE, "omniforce.yaml": spec_of(use)})) == [(code, message)]


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        (template("{params: {a: {type: int}}}"), "OFC360",
         "the body of a template brings no `params`"),
        (template("[1]"), "OFC360",
         "the body of a template is a mapping, as `spec` is in a spec"),
        (template("{}", "  params: {a: {type: int, default: 1}}\n"), "OFC302",
         "the parameter `a` is never read"),
        (template("{search: {seed: $(params.b)}}", "  params: {a: {type: int}}\n"), "OFC354",
         "the template `t` needs its parameter `a`"),
        (template("{search: {seed: $(params.b)}}"), "OFC301",
         "`$(params.b)` names no parameter of this spec"),
        (template("{data: $(ports.b)}", "  ports: {a: {type: data, default: {}}}\n"), "OFC355",
         "`$(ports.b)` names no port of this template"),
        (template("{data: 'x $(ports.a)'}", "  ports: {a: {type: data, default: {}}}\n"), "OFC355",
         "`$(ports.a)` is a whole block, and stands inside a text"),
        (template("{}", "  ports: {a: {type: data}}\n"), "OFC355",
         "the template `t` needs a block for its port `a`"),
        (template("{}", "  ports: {a: {type: data, default: {}}}\n"), "OFC355",
         "the port `a` is never read"),
        (template("{}").replace("  body: {}\n", "  bdy: {}\n"), "OFC101",
         "`bdy` is no key of `spec`"),
        (template("{}").replace("  body: {}\n", "  params: {}\n"), "OFC102",
         "`body` is missing in `spec`"),
        ("kind: Template\n", "OFC102", "`apiVersion` is missing in the document"),
        ("kind: Template # no more\n", "OFC102", "`apiVersion` is missing in the document"),
        ("kind: Template\na: [", "OFC004", None),
    ],
)  # fmt: skip
def test_a_template_that_cannot_be_meant_is_named_in_its_own_file(
    text: str, code: str, message: str | None
) -> None:
    loaded = made({**BASE, "t.yaml": text, "omniforce.yaml": spec_of("[./small.yaml, ./t.yaml]")})
    first = loaded.diagnostics[0]
    assert (first.code, first.message) == (code, message or first.message)
    assert "t.yaml" in {first.span and first.span.file, *(r.span.file for r in first.related)}


def test_a_mistake_in_a_template_is_shown_there_and_where_it_is_used() -> None:
    text = TEMPLATE.replace("parallelism: 2", "paralellism: 2")
    loaded = made({"t.yaml": text, "omniforce.yaml": spec_of("[./t.yaml]")})
    assert render_text(loaded.diagnostics, {s.name: s for s in loaded.sources}) == (
        """\
error[OFC101]: `paralellism` is no key of `search`
  --> t.yaml:14:14
   |
14 |     search: {paralellism: 2}
   |              ^^^^^^^^^^^ did you mean `parallelism`?
  ::: omniforce.yaml:5:9
   |
 5 |   use: [./t.yaml]
   |         -------- used here
   = help: write `parallelism`
   = docs: https://omniforce.dev/codes/OFC101
"""
    )


def test_a_template_that_is_used_twice_says_its_mistake_once() -> None:
    text = template("{searh: {}}")
    loaded = made({**BASE, "t.yaml": text,
                   "omniforce.yaml": spec_of("[./small.yaml, ./t.yaml, ./t.yaml]")})  # fmt: skip
    assert [c for c, _ in said(loaded)] == ["OFC101"]


def test_without_a_way_to_templates_the_use_is_an_error() -> None:
    found = load(Source("spec.yaml", spec_of("[./small.yaml]"))).diagnostics
    assert [d.code for d in found] == ["OFC352"]


def test_settings_reach_what_is_used_and_what_a_template_brings() -> None:
    write(Path(), {**BASE, "omniforce.yaml": spec_of("[{template: ./small.yaml}]")})
    source = read_source("omniforce.yaml")
    assert isinstance(source, Source)
    loaded = load(
        source,
        settings=["spec.use[0].with.width=100", "spec.objectives[0]=maximize f1"],
        templates=TemplateFolder("."),
    )
    assert loaded.diagnostics == ()
    assert "range: 4...100" in render(loaded)
    assert "- maximize f1" in render(loaded)


def test_a_parameter_that_only_a_use_reads_is_read() -> None:
    text = f"""{HEAD}spec:
  params: {{most: {{type: int, default: 16}}, spare: {{type: int, default: 1}}}}
  use: [{{template: ./small.yaml, with: {{width: $(params.most)}}}}]
  search: {{budget: {{trials: 8}}}}
"""
    loaded = made({**BASE, "omniforce.yaml": text})
    assert said(loaded) == [("OFC302", "the parameter `spare` is never read")]


def test_a_block_that_is_put_in_a_thousand_times_is_too_much() -> None:
    many = ", ".join(["$(ports.rows)"] * 200)
    rows = ", ".join(["{impute: {strategy: median}}"] * 400)
    text = template(f"{{data: {{features: [{many}]}}}}", "  ports: {rows: {type: features}}\n")
    use = f"[./small.yaml, {{template: ./t.yaml, ports: {{rows: [{rows}]}}}}]"
    loaded = made({**BASE, "t.yaml": text, "omniforce.yaml": spec_of(use)})
    assert [c for c, _ in said(loaded)] == ["OFC358"]


def test_a_template_of_aliases_is_held_to_the_same_bounds() -> None:
    lines = ["x-a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    lines += [f"x-a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 6)]
    text = "\n".join(lines) + "\n" + template("{search: {seed: 1}}")
    loaded = made({**BASE, "t.yaml": text, "omniforce.yaml": spec_of("[./small.yaml, ./t.yaml]")})
    assert [c for c, _ in said(loaded)] == ["OFC009"]


def test_what_the_compiler_finds_in_a_template_names_the_use_as_well() -> None:
    from omniforce.compiler.cli.composition import catalogue
    from omniforce.compiler.pipeline import compile_study

    text = TEMPLATE.replace("width: 4", "breadth: 4")
    loaded = good({"t.yaml": text, "omniforce.yaml": spec_of("[./t.yaml]")})
    (found,) = compile_study(loaded, catalogue()).diagnostics
    assert (found.code, found.span and found.span.file) == ("OFC322", "t.yaml")
    assert [(str(r.span), r.label) for r in found.related] == [("omniforce.yaml:5:9", "used here")]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (TEMPLATE, []),
        (template("{data: $(ports.a)}", "  ports: {a: {type: data}}\n"), []),
        (template("{search: {seed: $(params.a)}}", "  params: {a: {type: int}}\n"), []),
        (template("{search: {seed: $(params.b)}}", "  params: {a: {type: int}}\n"),
         ["OFC302", "OFC301"]),
        (template("{search: {sed: 1}}"), ["OFC101"]),
        (template("{search: {seed: many}}"), ["OFC103"]),
        (template("{}", "  ports: {a: {type: data}}\n"), ["OFC355"]),
        (template("[]"), ["OFC360"]),
        (template("{}", "  use: [{tmplate: ./a}]\n"), ["OFC101"]),
        (template("{}").replace("name: t", "name: T T"), ["OFC104"]),
    ],
)  # fmt: skip
def test_a_template_is_checked_by_itself(text: str, found: list[str]) -> None:
    assert [d.code for d in load(Source("t.yaml", text)).diagnostics] == found


def test_only_check_and_lint_take_a_template(capsys: pytest.CaptureFixture[str]) -> None:
    from omniforce.compiler.cli.main import run

    write(Path(), {"t.yaml": TEMPLATE})
    assert [run([command, "t.yaml"]) for command in ("check", "lint")] == [0, 0]
    capsys.readouterr()
    assert [run([command, "t.yaml"]) for command in ("render", "compile", "vendor")] == [3, 3, 3]
    assert run(["check", "-f", "t.yaml", "--set", "spec.body.search.seed=1"]) == 3
    assert capsys.readouterr().err.count("error[OFC347]") == 4


@given(st.binary(max_size=120))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_in_a_template_give_findings_or_a_study(data: bytes) -> None:
    text = TEMPLATE.encode()
    for at in (0, len(text) // 2, len(text)):
        Path("t.yaml").write_bytes(text[:at] + data + text[at:])
        loaded = made({"omniforce.yaml": spec_of("[./t.yaml]")})
        assert loaded.study is not None or loaded.has_errors


@given(st.text(max_size=80))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_reference_is_one_or_is_refused(text: str) -> None:
    reference = parse_reference(text)
    if isinstance(reference, Unreadable):
        assert reference.code in ("OFC350", "OFC351")
        return
    assert reference.text == text
    if isinstance(reference, Local):
        Path("omniforce.yaml").touch()
        opened = TemplateFolder(".").open(reference, None)
        assert isinstance(opened, Opened | Refused)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("git::ssh://git@host.example.org/org/repo.git//a/b?ref=v1",
         Git("", "ssh://git@host.example.org/org/repo.git", "a/b", "v1")),
        ("git::https://host.example.org:8443/repo?ref=release/1.0",
         Git("", "https://host.example.org:8443/repo", "", "release/1.0")),
        ("oci://localhost:5000/a/b_c:1.2.0-rc.1",
         Oci("", "localhost:5000", "a/b_c", "1.2.0-rc.1", "")),
        ("vision/edge@1.2.0-rc.1", Hub("", "vision/edge", "1.2.0-rc.1")),
        ("../t.yaml", Local("", "../t.yaml")),
        ("templates/t.yml", Local("", "templates/t.yml")),
    ],
)  # fmt: skip
def test_a_reference_is_what_it_looks_like(text: str, expected: Reference) -> None:
    assert parse_reference(text) == replace(expected, text=text)


@pytest.mark.parametrize(
    "text",
    [
        "git::ext::sh -c id?ref=v1",
        "git::https://host/r?ref=--upload-pack=id",
        "git::https://-oProxyCommand=id/r?ref=v1",
        "git::ssh://-oProxyCommand=id/r?ref=v1",
        "git::https://host/r//-x?ref=v1",
        "git::https://host/r//a/../b?ref=v1",
        "git::https://host/r?ref=v1&ref=v2",
        "git::https://host/r?ref=v1#x",
        "git::https:///r?ref=v1",
        "git::https://host/?ref=v1",
        "git::https://[::1/r?ref=v1",
        "git::ftp://host/r?ref=v1",
        "oci://host/../x:1",
        "oci://host/x@sha256:0",
        "a b@1",
        "edge@latest",
        "edge@1.2.3.4",
        "\u202e./x.yaml",
        "",
    ],
)
def test_a_hostile_reference_is_none(text: str) -> None:
    assert isinstance(parse_reference(text), Unreadable)


OLD = template("{devices: {s: {runtime: onnx}}, deployment: {to: s, log: true}}").replace(
    API_VERSION, "omniforce.dev/v1alpha1"
)


def test_a_template_of_an_older_version_is_read_with_a_warning() -> None:
    loaded = made({**BASE, "t.yaml": OLD, "omniforce.yaml": spec_of("[./small.yaml, ./t.yaml]")})
    assert [(d.code, d.is_error) for d in loaded.diagnostics] == [("OFC111", False)]
    assert loaded.study is not None
    assert loaded.study.spec.deployment is not None


def test_migrating_a_template_reaches_its_body() -> None:
    migrated = migrate(Source("t.yaml", OLD))
    assert migrated is not None
    text = migrated.applied(OLD)
    assert text == OLD.replace("v1alpha1", "v1alpha2").replace("log: true", "logger: all")
