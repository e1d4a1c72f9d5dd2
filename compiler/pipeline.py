"""The passes in their order, and the way of a spec through them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from difflib import SequenceMatcher
from typing import Protocol

from omniforce.spec.diagnostic import Diagnostic
from omniforce.spec.frozen import dataclass
from omniforce.spec.load import Loaded, in_order

from .catalogue import Catalogue
from .errors import CompilerBug
from .ir.program import Program
from .ir.verify import verify
from .lower import lower
from .passes.bound_budget import BoundBudget
from .passes.cache_keys import CacheKeys
from .passes.choose_strategy import ChooseStrategy
from .passes.context import Context, Pass
from .passes.expand_defaults import ExpandDefaults
from .passes.grant_access import GrantAccess
from .passes.pick_deployment_mode import PickDeploymentMode
from .passes.place_steps import PlaceSteps
from .passes.resolve_algorithms import ResolveAlgorithms
from .passes.resolve_devices import ResolveDevices
from .passes.size_resources import SizeResources

PASSES: tuple[Pass, ...] = (
    # First, since a name says nothing: what follows asks for arguments, metrics and exports.
    ResolveAlgorithms(),
    # Asks what the algorithm exports, and everything about devices below trusts the answer.
    ResolveDevices(),
    # Before anything hashes or shows the arguments, which from here on are complete.
    ExpandDefaults(),
    # Before the budget is bounded: a strategy may come to spend it in rungs.
    ChooseStrategy(),
    # Before sizes, so that an endless search is refused before anything is planned for it.
    BoundBudget(),
    # Before placement, which may come to depend on what a step needs.
    SizeResources(),
    # Before access: what runs a step decides whose identity it has.
    PlaceSteps(),
    # After placement, since only services have a mode.
    PickDeploymentMode(),
    # After all that decides what exists: nothing is granted to what is not there.
    GrantAccess(),
    # Last, since a key covers what every pass before it wrote.
    CacheKeys(),
)


class Refuser(Protocol):
    """The part of a target that the compiler asks: what of a program it cannot express."""

    def refuse(self, program: Program) -> tuple[Diagnostic, ...]:
        """All that it cannot express."""
        ...


@dataclass(frozen=True, slots=True)
class Traced:
    """What one pass did.

    Attributes:
        name: of the pass; `lower` for the program before the first one.
        changed: the lines of the IR's text that changed, with `- ` and `+ `, each group below the
            name of its step; empty where nothing did.
        notes: why it chose what it chose.
    """

    name: str
    changed: tuple[str, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Compiled:
    """What came of a spec.

    Attributes:
        program: complete and verified; None where an error stands in `diagnostics`.
        diagnostics: of the whole way, in the order of the file.
        trace: what each pass did.
    """

    program: Program | None
    diagnostics: tuple[Diagnostic, ...]
    trace: tuple[Traced, ...] = ()


def compile_study(
    loaded: Loaded,
    catalogue: Catalogue,
    target: Refuser | None = None,
    *,
    trace: bool = False,
    passes: tuple[Pass, ...] = PASSES,
) -> Compiled:
    """Lowers a loaded spec and runs the passes over it, the verifier between every two.

    Args:
        loaded: without a study, it is answered as it is.
        catalogue: the algorithms and strategies that there are.
        target: asked what it cannot express, also where passes found errors, so that all of
            a file's errors come at once.
        trace: whether to keep what each pass changed, which costs a printed program a pass.
        passes: what to run.

    Raises:
        CompilerBug: a pass left a program that the verifier refuses.
    """
    if loaded.study is None:
        return Compiled(None, loaded.diagnostics)
    context = Context(catalogue, loaded.spans, loaded.filled)
    printed = _printer(trace)
    program = lower(loaded.study, loaded.spans)
    found: list[Diagnostic] = []
    traced = [Traced("lower", _changed((), printed(program)))]
    # A study that breaks a rule lowers as well, to show the passes' findings in the same run;
    # what the verifier would say of it is the spec's fault, and said already.
    trusted = not loaded.has_errors
    done: list[str] = []
    _verify(program, "lower", done, trusted)
    for each in passes:
        before = printed(program)
        outcome = each.run(program, context)
        program = outcome.program
        found += outcome.diagnostics
        traced.append(Traced(each.name, _changed(before, printed(program)), outcome.notes))
        if not any(d.is_error for d in outcome.diagnostics):
            done.append(each.name)
        _verify(program, each.name, done, trusted)
    every = [*loaded.diagnostics, *_untold(found, loaded.diagnostics)]
    if target is not None and trusted:
        every += _untold(target.refuse(program), every)
    if loaded.uses:
        from omniforce.spec.layers.compose import told_with_use

        every = [*told_with_use(every, loaded.uses)]
    refused = any(d.is_error for d in every)
    return Compiled(None if refused else program, in_order(every), tuple(traced))


def _untold(found: Iterable[Diagnostic], told: Iterable[Diagnostic]) -> list[Diagnostic]:
    """What is said of places of which nobody before has said anything worse."""
    places = {d.span for d in told if d.is_error and d.span is not None}
    return [d for d in found if d.span not in places]


def _verify(program: Program, pass_name: str, done: list[str], trusted: bool) -> None:
    if trusted and (faults := verify(program, tuple(done))):
        raise CompilerBug(pass_name, tuple(map(str, faults)))


def _printer(trace: bool) -> Callable[[Program], tuple[str, ...]]:
    if not trace:
        return lambda _: ()
    from .ir.text import to_text

    return lambda program: tuple(to_text(program).splitlines())


def _changed(before: tuple[str, ...], after: tuple[str, ...]) -> tuple[str, ...]:
    """The lines that differ, below the first line of the step that they belong to."""
    out: list[str] = []
    told = ""
    for tag, i, i_end, j, j_end in SequenceMatcher(None, before, after, False).get_opcodes():
        if tag == "equal":
            continue
        owner = _owner(after, j) if j < j_end else _owner(before, i)
        if owner and owner != told:
            out.append(owner)
        told = _owner(after, j_end - 1) if j < j_end else owner
        out += [f"- {line}" for line in before[i:i_end]]
        out += [f"+ {line}" for line in after[j:j_end]]
    return tuple(out)


def _owner(lines: tuple[str, ...], place: int) -> str:
    """The name of the step that a line stands in; empty for the first line of one itself."""
    if lines[place][:1].strip():
        return ""
    heads = (line for line in reversed(lines[:place]) if line[:1].strip())
    return next(heads, "").split(" = ")[0]
