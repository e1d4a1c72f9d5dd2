"""Who is let in, what they may see, and what they may do."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from omniforce.runtime.functions.api.access_file import AccessFile, read_access
from omniforce.runtime.functions.api.failed_attempts import BURST, PER_SECOND, FailedAttempts
from omniforce.runtime.functions.api.identity import same_subject, xfcc_element
from omniforce.spec.problem import Problem

from .conftest import (
    PROXY_SECRET,
    Service,
    access_file,
    compiled,
    hashed,
    serve,
    study_json,
    token_of,
)

S = "/projects/vision/studies/s"
READS = (
    "/projects/vision/studies",
    S,
    f"{S}/program",
    f"{S}/trials",
    f"{S}/trials/0",
    f"{S}/trials/0/log",
    f"{S}/trials/0/curve",
    f"{S}/trials/0/artifacts",
    f"{S}/trials/0/artifacts/1/model.onnx",
    f"{S}/curve",
    f"{S}/actions",
    f"{S}/watch?seconds=1",
)
STEERS = (
    "pause",
    "resume",
    "stop",
    "extend",
    "trials",
    "trials/0/cancel",
    "trials/0/end-early",
    "trials/0/rate",
)


def test_without_a_token_one_is_asked_for(shared: Service) -> None:
    for path in READS:
        said = shared.get(path, who=None)
        assert (said.status, said.code) == (401, "OFC830")
        assert said.headers["www-authenticate"].startswith("Bearer ")


def test_a_viewer_reads_and_does_nothing(shared: Service) -> None:
    assert shared.get(S, "vera").status == 200
    for deed in (*STEERS, "revise"):
        said = shared.post(f"{S}/{deed}", {}, "vera")
        assert (said.status, said.code) == (403, "OFC833")
    assert shared.post("/projects/vision/studies", {}, "vera").status == 403


def test_an_operator_steers_and_neither_starts_nor_revises(shared: Service) -> None:
    for path, body in (("revise", study_json(compiled(last=3))), ("/", study_json(compiled("n")))):
        place = "/projects/vision/studies" if path == "/" else f"{S}/{path}"
        assert shared.post(place, body, "olga").code == "OFC833"
    assert shared.post(f"{S}/trials", {"parameters": {"x": 1}}, "olga").status == 201


def test_another_tenant_sees_what_somebody_sees_of_what_there_is_not(shared: Service) -> None:
    for path in READS:
        there = shared.get(path, "nina")
        absent = shared.get(path.replace("vision", "nothing"), "nina")
        none = shared.get(path.replace("studies/s", "studies/none"), "nina")
        assert (there.status, there.code) == (404, "OFC832")
        assert there.body == absent.body == none.body
    for deed in (*STEERS, "revise"):
        there = shared.post(f"{S}/{deed}", {}, "nina")
        absent = shared.post(f"/projects/vision/studies/none/{deed}", {}, "nina")
        assert (there.status, there.body) == (404, absent.body)


def test_a_study_is_in_its_own_project_only(shared: Service) -> None:
    assert shared.get("/projects/sound/studies/s", "nina").code == "OFC832"
    assert shared.get("/projects/sound/studies/t", "nina").status == 200
    assert shared.get("/projects/vision/studies/t", "root").code == "OFC832"
    assert shared.get("/projects/sound/studies/t", "root").status == 200


def test_everybody_sees_who_they_are_and_their_projects(shared: Service) -> None:
    assert shared.get("/me", "olga").json == {"name": "olga", "roles": {"vision": "operator"}}
    assert shared.get("/projects", "nina").json == {
        "projects": [{"name": "sound", "role": "admin"}]
    }
    assert shared.get("/projects", "root").json == {
        "projects": [{"name": "sound", "role": "admin"}, {"name": "vision", "role": "admin"}]
    }


def proxied(secret: str, **headers: str) -> dict[str, str]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return {"x-ofc-proxy-secret": secret} | named


@pytest.mark.parametrize(
    ("headers", "name"),
    [
        (proxied(PROXY_SECRET, ssl_client_subject_dn="CN=nightly,O=acme"), "nightly"),
        (proxied(PROXY_SECRET, ssl_client_subject_dn="CN=nightly, O=acme"), "nightly"),
        (
            proxied(
                PROXY_SECRET, x_forwarded_client_cert='Hash=ab;Subject="CN=nightly,O=acme";URI='
            ),
            "nightly",
        ),
        (proxied(PROXY_SECRET, x_forwarded_client_cert="Hash=ab;URI=spiffe://acme/mesh"), "mesh"),
    ],
)
def test_a_certificate_that_a_trusted_proxy_saw_names_its_holder(
    shared: Service, headers: dict[str, str], name: str
) -> None:
    assert shared.ask("GET", "/v1/me", who=None, headers=headers).json["name"] == name


@pytest.mark.parametrize(
    "headers",
    [
        {"ssl-client-subject-dn": "CN=nightly,O=acme"},
        {"x-forwarded-client-cert": 'Subject="CN=nightly,O=acme"'},
        proxied("a guess", ssl_client_subject_dn="CN=nightly,O=acme"),
        proxied(PROXY_SECRET, ssl_client_subject_dn="CN=nightly,O=evil"),
        proxied(PROXY_SECRET, ssl_client_subject_dn=""),
        proxied(
            PROXY_SECRET, ssl_client_subject_dn="CN=nightly,O=acme", ssl_client_verify="FAILED:x"
        ),
        proxied(
            PROXY_SECRET,
            x_forwarded_client_cert='Subject="CN=nightly,O=acme",Subject="CN=other,O=acme"',
        ),
        proxied(PROXY_SECRET, x_forwarded_client_cert='Subject="x,O=acme;Subject=CN=nightly"'),
        proxied(PROXY_SECRET),
        proxied(
            PROXY_SECRET, ssl_client_subject_dn="CN=nightly,O=acme", sec_fetch_site="cross-site"
        ),
    ],
)
def test_a_certificate_that_nobody_vouches_for_names_nobody(
    shared: Service, headers: dict[str, str]
) -> None:
    said = shared.ask("GET", "/v1/me", who=None, headers=headers)
    assert (said.status, said.code) == (401, "OFC830")


def test_a_token_that_was_taken_out_is_refused_at_once(tmp_path: Path) -> None:
    for service in serve(tmp_path, f"sqlite:///{tmp_path / 'study.db'}"):
        assert service.get("/me", "vera").status == 200
        people = access_file({"ada": {"vision": "admin"}})
        service.access.write_text(json.dumps(people))
        assert service.get("/me", "vera").status == 401
        assert service.get("/me", "ada").status == 200
        service.access.write_text("identities: [")
        assert (service.get("/me").status, service.get("/me").code) == (503, "OFC839")
        assert service.ask("GET", "/health/readiness", who=None).status == 500
        service.access.write_text(json.dumps(people))
        assert service.get("/me").status == 200


def test_guessing_is_slowed_down_and_those_who_are_known_are_not(tmp_path: Path) -> None:
    for service in serve(tmp_path, f"sqlite:///{tmp_path / 'study.db'}"):
        assert service.get("/me", "ada").status == 200
        codes = [service.get("/me", f"nobody-{n}").code for n in range(BURST + 5)]
        assert codes[:3] == ["OFC830"] * 3
        assert codes[-1] == "OFC831"
        said = service.get("/me", "nobody")
        assert (said.status, int(said.headers["retry-after"]) > 0) == (429, True)
        assert service.get("/me", "ada").status == 200
        assert service.get("/me", "vera").status == 429  # right, but not known yet
        assert token_of("nobody") not in service.logged


def test_failures_are_forgotten_with_time() -> None:
    now = [0.0]
    attempts = FailedAttempts(lambda: now[0])
    for _ in range(BURST):
        assert attempts.seconds_to_wait("a") == 0.0
        attempts.failed("a")
    assert attempts.seconds_to_wait("a") == pytest.approx(1 / PER_SECOND)
    assert attempts.seconds_to_wait("b") == 0.0
    now[0] += 1 / PER_SECOND
    assert attempts.seconds_to_wait("a") == pytest.approx(0.0)


def test_many_addresses_do_not_fill_the_memory() -> None:
    attempts = FailedAttempts(lambda: 0.0)
    for n in range(10_000):
        attempts.failed(f"10.0.{n}")
        attempts.right(f"{n}")
    assert len(attempts._failures) == len(attempts._right) == 4096


GOOD = {"identities": [{"name": "a", "token_sha256": hashed("t"), "roles": {"*": "viewer"}}]}


def changed(change: Callable[[dict[str, object]], object]) -> str:
    entry: dict[str, object] = dict(GOOD["identities"][0])
    change(entry)
    return json.dumps({"identities": [entry]})


@pytest.mark.parametrize(
    "text",
    [
        "[",
        "[]",
        "\xff",
        "sheep: []",
        "identities: {}",
        "identities: [3]",
        changed(lambda e: e.pop("name")),
        changed(lambda e: e.pop("roles")),
        changed(lambda e: e.pop("token_sha256")),
        changed(lambda e: e.update(token="t")),
        changed(lambda e: e.update(token_sha256="t")),
        changed(lambda e: e.update(name="a\nb")),
        changed(lambda e: e.update(roles={"*": "king"})),
        changed(lambda e: e.update(roles={"A/B": "viewer"})),
        json.dumps({"identities": [*GOOD["identities"], *GOOD["identities"]]}),
        json.dumps({"proxies": [{"header": "x-forwarded-client-cert"}]}),
        json.dumps({"proxies": [{"header": "authorization", "secret_sha256": hashed("t")}]}),
        json.dumps({"proxies": [{"header": "a", "secret_sha256": hashed("t"), "hops": -1}]}),
        "!!python/object/apply:os.system [true]",
    ],
)
def test_an_access_file_that_is_wrong_lets_nobody_in(tmp_path: Path, text: str) -> None:
    place = tmp_path / "access.yaml"
    place.write_bytes(text.encode("latin-1"))
    with pytest.raises(Problem) as caught:
        AccessFile(place).now()
    assert caught.value.diagnostic.code == "OFC839"


def test_a_role_of_a_project_comes_before_that_of_all() -> None:
    text = (
        '{"identities": [{"name": "a", "subject": "CN=a", "roles": {"*": "admin", "p": "viewer"}}]}'
    )
    (identity,) = read_access(text.encode()).identities
    assert [identity.may("operator", project) for project in ("p", "q")] == [False, True]


def test_an_element_of_a_certificate_header_is_counted_from_the_right() -> None:
    made_up = 'Subject="CN=admin"'
    seen = r'Hash=1;Subject="CN=a\"b,O=x;y";URI=u'
    assert xfcc_element(seen, 0) == {"hash": "1", "subject": 'CN=a"b,O=x;y', "uri": "u"}
    assert xfcc_element(f"{made_up},{seen}", 0) == {}
    assert xfcc_element(f"{seen},By=mesh", 1)["uri"] == "u"
    assert xfcc_element("", 0) == {"": ""}
    assert xfcc_element('Subject="CN=a";Subject="CN=b"', 0) == {}


def test_blanks_in_a_subject_do_not_matter_and_escaped_commas_do() -> None:
    assert same_subject("CN=a,O=b", "CN=a, O=b")
    assert not same_subject(r"CN=a\,O=b", "CN=a,O=b")
