"""Keeps one comment of a pull request up to date with a plan: found again by its first line.

    python comment.py plan.md

Reads what GitHub sets in every job, and GITHUB_TOKEN. Where the token may not write, as in a pull
request from a fork, it says so and does not fail: the plan is in the job's summary as well.
"""

from __future__ import annotations

import json
import os
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

MARK = "<!-- ofc plan"
LONGEST = 60_000
"""Characters of a comment; GitHub takes 65,536."""
PAGE = 100


def main(path: str) -> int:
    """Writes the comment, or changes the one that is there."""
    plan = Path(path)
    if not plan.is_file():
        print("there is no plan to comment on")
        return 0
    body = _cut(plan.read_text(encoding="utf-8"))
    mark = body.split("\n", 1)[0]
    if not mark.startswith(MARK):
        print("::error title=ofc::the plan has no mark to find its comment by")
        return 1
    event = json.loads(Path(os.environ["GITHUB_EVENT_PATH"]).read_text(encoding="utf-8"))
    number = int(event["pull_request"]["number"])
    issues = f"/repos/{os.environ['GITHUB_REPOSITORY']}/issues"
    try:
        known = next((c for c in _comments(f"{issues}/{number}/comments") if _is(c, mark)), None)
        if known is None:
            made = _ask("POST", f"{issues}/{number}/comments", {"body": body})
        else:
            made = _ask("PATCH", f"{issues}/comments/{int(known['id'])}", {"body": body})
    except urllib.error.HTTPError as fault:
        if fault.code in (401, 403, 404):
            print(
                "::warning title=ofc::the token may not comment (it needs `pull-requests: write`, "
                "which a fork does not get): the plan is in the job's summary"
            )
            return 0
        print(f"::error title=ofc::the comment could not be written: HTTP {fault.code}")
        return 1
    except OSError as fault:
        print(f"::error title=ofc::the comment could not be written: {type(fault).__name__}")
        return 1
    print(made.get("html_url", ""))
    return 0


def _cut(text: str) -> str:
    """What fits into a comment; blocks that were open at the cut are closed."""
    if len(text) <= LONGEST:
        return text
    kept = text[:LONGEST].rsplit("\n", 1)[0]
    closes = "\n```" if kept.count("\n```") % 2 else ""
    folded = "\n\n</details>" * (kept.count("<details>") - kept.count("</details>"))
    return f"{kept}{closes}{folded}\n\nThe rest is in the job's summary.\n"


def _is(comment: dict[str, Any], mark: str) -> bool:
    """Whether a comment is ours: nobody else's is changed, even if it quotes the mark."""
    user = comment.get("user") or {}
    written = str(comment.get("body", "")).replace("\r", "")
    return user.get("type") == "Bot" and written.split("\n", 1)[0] == mark


def _comments(path: str) -> Iterator[dict[str, Any]]:
    page = 1
    while True:
        found = _ask("GET", f"{path}?per_page={PAGE}&page={page}")
        yield from found
        if len(found) < PAGE:
            return
        page += 1


def _ask(method: str, path: str, body: object = None) -> Any:
    """An answer of the API.

    Raises:
        urllib.error.HTTPError: it refuses.
        OSError: it cannot be reached.
    """
    request = urllib.request.Request(  # noqa: S310 - the runner says where the API is
        os.environ["GITHUB_API_URL"] + path,
        None if body is None else json.dumps(body).encode(),
        {
            "Accept": "application/vnd.github+json",
            "Authorization": f"Bearer {os.environ['GITHUB_TOKEN']}",
            "Content-Type": "application/json",
            "X-GitHub-Api-Version": "2022-11-28",
        },
        method=method,
    )
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
        return json.loads(answer.read())


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
