"""What the API says of studies and trials, over HTTP, on each kind of store."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import Fill, Service, compiled, serve, study_json

S = "/projects/vision/studies/s"


@pytest.fixture
def filled(service: Service, fill: Fill) -> Service:
    assert service.post("/projects/vision/studies", study_json(compiled())).status == 201
    store = service.store()
    fill(store, 7)
    store.close()
    return service


def test_a_study_says_how_it_stands(filled: Service) -> None:
    found = filled.get(S).json
    started, digest = found.pop("started"), found.pop("digest")
    assert (type(started), digest) == (float, compiled().digest)
    assert found == {
        "name": "s",
        "state": "running",
        "reason": None,
        "finished": None,
        "project": "vision",
        "revision": 1,
        "extra": {},
        "trials": {"completed": 5, "failed": 2},
        "lastAction": 1,
    }


def test_the_studies_of_a_project_come_page_by_page(filled: Service) -> None:
    for name in ("a", "b", "u"):
        assert filled.post("/projects/vision/studies", study_json(compiled(name))).status == 201
    first = filled.get("/projects/vision/studies?limit=3").json
    assert ([each["name"] for each in first["studies"]], first["next"]) == (["a", "b", "s"], "s")
    second = filled.get(f"/projects/vision/studies?limit=3&after={first['next']}").json
    assert ([each["name"] for each in second["studies"]], second["next"]) == (["u"], None)
    assert filled.get("/projects/vision/studies?state=paused").json == {"studies": [], "next": None}


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("", [0, 1, 2, 3, 4, 5, 6]),
        ("?state=failed", [2, 5]),
        ("?state=failed&state=completed&after=4", [5, 6]),
        ("?failure=user-error", [2, 5]),
        ("?failure=timeout", []),
        ("?where=accuracy%3E%3D0.3", [3, 4, 6]),
        ("?where=accuracy%3E0.1&where=x%3C4", [3]),
        ("?where=x%3D2", [2]),
        ("?where=colour%3Dred", []),
        ("?origin=person", []),
        ("?fate=kept&limit=2", [0, 1]),
        ("?where=accuracy%3E0&limit=2&after=1", [3, 4]),
    ],
)
def test_trials_are_filtered(filled: Service, query: str, numbers: list[int]) -> None:
    assert [each["number"] for each in filled.get(f"{S}/trials{query}").json["trials"]] == numbers


def test_a_project_shows_its_own_studies_to_prometheus(filled: Service) -> None:
    found = filled.get(f"{S.split('/studies/')[0]}/metrics")
    assert (found.status, found.headers["content-type"].split(";")[0]) == (200, "text/plain")
    studies = [line for line in found.body.decode().splitlines() if "ofc_study_state{" in line]
    assert len(studies) == 1
    assert filled.get("/projects/nobodys/metrics").code == "OFC832"


def test_every_trial_comes_once_over_pages(filled: Service) -> None:
    seen, after = [], -1
    while True:
        page = filled.get(f"{S}/trials?limit=3&after={after}").json
        seen += [each["number"] for each in page["trials"]]
        if page["next"] is None:
            break
        after = page["next"]
    assert seen == [0, 1, 2, 3, 4, 5, 6]


def test_a_trial_is_told_with_its_curve_its_log_and_its_files(filled: Service) -> None:
    found = filled.get(f"{S}/trials/1").json
    assert found["trial"]["metrics"] == {"accuracy": 0.1}
    assert [(p["key"], p["step"], p["value"]) for p in found["curve"]] == [
        ("loss", 0, 2.0),
        ("loss", 1, 1.0),
    ]
    assert found["log"] == "line 1\n"
    assert [each["name"] for each in found["artifacts"]] == ["models/model.onnx"]
    assert filled.get(f"{S}/trials/1/log").json == {"log": "line 1\n"}
    assert filled.get(f"{S}/trials/1/curve?key=loss").json == {"points": found["curve"]}
    assert filled.get(f"{S}/trials/1/curve?key=other").json == {"points": []}
    assert filled.get(f"{S}/trials/1/artifacts").json == {"artifacts": found["artifacts"]}


def test_a_file_is_given_as_it_is(filled: Service) -> None:
    found = filled.get(f"{S}/trials/1/artifacts/1/models%2Fmodel.onnx")
    assert (found.status, found.body) == (200, b"\x00onnx")
    assert found.headers["content-type"] == "application/octet-stream"
    assert found.headers["x-content-type-options"] == "nosniff"
    assert filled.get(f"{S}/trials/1/artifacts/1/other").code == "OFC832"
    assert filled.get(f"{S}/trials/1/artifacts/2/models%2Fmodel.onnx").code == "OFC832"


def test_the_curves_of_a_study_come_some_trials_at_a_time(filled: Service) -> None:
    first = filled.get(f"{S}/curve?limit=4&key=loss").json
    assert sorted({p["trial"] for p in first["points"]}) == [0, 1, 2, 3]
    second = filled.get(f"{S}/curve?limit=4&key=loss&after={first['next']}").json
    assert (sorted({p["trial"] for p in second["points"]}), second["next"]) == ([4, 5, 6], None)


def test_the_compiled_spec_has_its_own_place(filled: Service) -> None:
    found = filled.get(f"{S}/program").json
    assert (found["revision"], found["program"]["digest"]) == (1, compiled().digest)
    assert filled.get(f"{S}/program?revision=2").status == 404


def test_what_is_known_already_is_not_sent_again(filled: Service) -> None:
    first = filled.get(f"{S}/trials")
    again = filled.get(f"{S}/trials", **{"if-none-match": first.headers["etag"]})
    assert (again.status, again.body) == (304, b"")
    assert filled.post(f"{S}/trials/1/rate", {"rating": 3}).status == 200
    assert filled.get(f"{S}/trials", **{"if-none-match": first.headers["etag"]}).status == 200


def test_head_is_get_without_the_body(filled: Service) -> None:
    got, headed = filled.get(S), filled.ask("HEAD", f"/v1{S}")
    assert (headed.status, headed.body) == (200, b"")
    assert headed.headers["content-length"] == str(len(got.body))


def test_a_store_that_is_away_is_said_without_its_place(tmp_path: Path) -> None:
    address = "postgresql://ofc:geheim@127.0.0.1:1/nowhere"
    for service in serve(tmp_path, address, is_ready=False):
        found = service.get(S)
        assert (found.status, found.code, found.headers["retry-after"]) == (503, "OFC755", "5")
        ready = service.ask("GET", "/health/readiness", who=None)
        assert ready.status == 500
        for text in (found.body.decode(), ready.body.decode(), service.logged):
            assert "geheim" not in text
        assert "nowhere" not in found.body.decode()
