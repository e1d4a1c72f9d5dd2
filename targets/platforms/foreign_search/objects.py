"""What stands around a search of another system: namespace, identity, study, volume."""

from __future__ import annotations

from omniforce.compiler.ir.program import Program

from ..kubernetes.names import account_name, content_name
from ..kubernetes.objects import Tree, make
from ..kubernetes.study_files import study_json


def trial_account(program: Program) -> Tree:
    """The identity of the trials, which may do nothing with the API server."""
    name = account_name(program, "trial")
    return make(program, "v1", "ServiceAccount", name, "tte", automountServiceAccountToken=False)


def trial_config(program: Program) -> Tree:
    """The compiled study, which every trial reads: new content is a new name."""
    text = study_json(program)
    name = content_name(program, "study", text)
    data = {"study.json": text}
    return make(program, "v1", "ConfigMap", name, "search", immutable=True, data=data)
