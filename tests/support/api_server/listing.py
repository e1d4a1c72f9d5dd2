"""Pages and selectors of a list."""

from __future__ import annotations

import base64
import json
import re
from typing import Any

from .answer import Refusal, status

Tree = dict[str, Any]


def place(tree: Tree) -> str:
    return f"{tree['metadata'].get('namespace', '')}/{tree['metadata']['name']}"


def token(version: int, after: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([version, after]).encode()).decode()


def read_token(token: str) -> tuple[int, str]:
    try:
        version, after = json.loads(base64.urlsafe_b64decode(token))
    except ValueError:
        text = "continue key is not valid"
        raise Refusal(status(400, "BadRequest", text)) from None
    return int(version), str(after)


_TERM = re.compile(r"^(?P<key>[^=!]+?)\s*(?P<op>==|=|!=)\s*(?P<value>.*)$")


def selected(tree: Tree, selector: str) -> bool:
    labels = tree["metadata"].get("labels", {})
    for term in filter(None, selector.split(",")):
        match = _TERM.match(term)
        if match is None:
            present = term.removeprefix("!") in labels
            if present == term.startswith("!"):
                return False
        elif (labels.get(match["key"]) == match["value"]) == (match["op"] == "!="):
            return False
    return True
