"""What we did wrong ourselves."""

from __future__ import annotations


class CompilerBug(Exception):  # noqa: N818 - the word that the report uses
    """A pass broke a rule of the IR; never the fault of a spec.

    Attributes:
        pass_name: the pass after which the program was found broken.
        findings: what the verifier says, one line each.
    """

    def __init__(self, pass_name: str, findings: tuple[str, ...]) -> None:
        super().__init__(f"{pass_name}: {'; '.join(findings)}")
        self.pass_name = pass_name
        self.findings = findings

    def __reduce__(self) -> tuple[type[CompilerBug], tuple[object, ...]]:
        """How it comes home from another process."""
        return CompilerBug, (self.pass_name, self.findings)
