"""Checks how states lead to each other within one branch; it knows no field but those that name states."""

from collections.abc import Iterator, Mapping, Sequence

from sfn_notebook._json import JSONObject, JSONValue
from sfn_notebook.asl.branches import BranchSite
from sfn_notebook.asl.fields import STATES
from sfn_notebook.asl.findings import Findings, shortened
from sfn_notebook.asl.spans import child_pointer


def transitions(state: JSONObject, pointer: str) -> Iterator[tuple[str, str, str]]:
    """Where a state may go: field name, target, pointer of the field that names it.

    Fields of other types than their own are passed over.
    """
    for name in ("Next", "Default"):
        if isinstance(state.get(name), str):
            yield name, state[name], child_pointer(pointer, name)
    for name in ("Choices", "Catch"):
        entries: JSONValue = state.get(name)
        base = child_pointer(pointer, name)
        for index, entry in enumerate(entries if isinstance(entries, list) else []):
            if isinstance(entry, dict) and isinstance(entry.get("Next"), str):
                yield "Next", entry["Next"], child_pointer(child_pointer(base, index), "Next")


def check_transitions(findings: Findings, site: BranchSite, places: Mapping[str, Sequence[str]]) -> None:
    """Targets exist within the branch, every state is reached, and the branch can end.

    Args:
        findings: Where problems go.
        site: The branch.
        places: State name -> pointers of the states of that name in the whole definition.
    """
    states = site.states
    if not states:
        return
    start = site.value.get("StartAt")
    named = [("StartAt", start, child_pointer(site.pointer, "StartAt"))] if isinstance(start, str) else []
    for name, state in states.items():
        named.extend(transitions(state, site.state_pointer(name)))
    for field, target, pointer in named:
        if target not in states:
            message = f'"{field}" names "{shortened(target)}", which is no state of this branch.'
            findings.add("MISSING_TRANSITION_TARGET", pointer, message, _target_hint(findings, target, states, places))
    if isinstance(start, str):
        reached = _reached(findings, site, start)
        if reached:
            _check_reached(findings, site, reached)


def _target_hint(
    findings: Findings, target: str, states: Mapping[str, JSONObject], places: Mapping[str, Sequence[str]]
) -> str:
    if target in places:
        return f"It stands at {places[target][0]}: a transition cannot enter or leave a branch."
    return findings.suggestion(target, states) or f"The branch has {_listed(states)}."


def _listed(states: Mapping[str, JSONObject]) -> str:
    names = list(states)
    shown = ", ".join(f'"{shortened(name)}"' for name in names[:8])
    return f"{shown} and {len(names) - 8} more" if len(names) > 8 else shown


def _reached(findings: Findings, site: BranchSite, start: str) -> set[str]:
    """The states that can be reached. A misspelt target counts as what was likely meant: one mistake, one problem."""
    states = site.states
    reached: set[str] = set()
    waiting = [start]
    while waiting:
        name = waiting.pop()
        if name not in states:
            waiting.extend(each for each in findings.nearest(name, states)[:1] if each not in reached)
        elif name not in reached:
            reached.add(name)
            waiting.extend(target for _, target, _ in transitions(states[name], site.state_pointer(name)))
    return reached


def _check_reached(findings: Findings, site: BranchSite, reached: set[str]) -> None:
    states = site.states
    for name in states:
        if name not in reached:
            message = f'No transition leads to "{shortened(name)}".'
            hint = 'Name it in a "Next", or remove it.'
            findings.add("UNREACHABLE_STATE", site.state_pointer(name), message, hint, at_key=True)
    if any(_may_end(states, states[name]) for name in reached):
        return
    message = f"{site.noun} never ends: no state that can be reached is its last."
    hint = 'Give one state "End": true, or add a Succeed or Fail state.'
    findings.add("NO_TERMINAL_STATE", site.states_pointer, message, hint, at_key=True)


def _may_end(states: Mapping[str, JSONObject], state: JSONObject) -> bool:
    """Whether the branch ends after ``state``, or whether another problem already says what is missing there."""
    kind = state.get("Type")
    if kind in ("Succeed", "Fail") or state.get("End") is True or not isinstance(kind, str) or kind not in STATES:
        return True
    targets = [target for _, target, _ in transitions(state, "")]
    return not targets or any(target not in states for target in targets)
