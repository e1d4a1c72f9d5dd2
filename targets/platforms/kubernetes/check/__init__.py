"""What no server refuses: manifests that are accepted, and then never work.

A real API server and the projects' own webhooks let many wrong documents pass: a misspelt
annotation, a trigger that no event can match, a model format that no runtime serves. Each rule
here is one of them; the compiler holds its own output against all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from .access import check_role, check_service_accounts
from .eventing import check_broker, check_pingsource, check_references, check_trigger
from .fault import Fault
from .jobsink import check_jobsink
from .knative import check_function
from .kserve import check_inference_service
from .look import Document
from .pipelines import check_pipeline_version

Rule = Callable[[Document, Sequence[Document]], Iterator[Fault]]

RULES: tuple[Rule, ...] = (
    check_function,
    check_broker,
    check_trigger,
    check_references,
    check_pingsource,
    check_jobsink,
    check_inference_service,
    check_pipeline_version,
    check_role,
    check_service_accounts,
)
"""Each looks at one document, with all that are applied together beside it."""


def check(documents: Sequence[Document]) -> tuple[Fault, ...]:
    """All faults of documents that are applied together, in their order."""
    return tuple(
        fault for document in documents for rule in RULES for fault in rule(document, documents)
    )


__all__ = ["RULES", "Document", "Fault", "Rule", "check"]
