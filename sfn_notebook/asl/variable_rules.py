"""Checks of the names that ``Assign`` gives to variables and of their scopes; it evaluates no value.

A scope is the ``States`` of one branch. Source: Step Functions Developer Guide, "Passing data between states with
variables", sections "Variable name syntax" and "Variable scope".
"""

from collections.abc import Iterator, Sequence
from typing import Final

from sfn_notebook._json import JSONObject
from sfn_notebook.asl.branches import BranchSite
from sfn_notebook.asl.findings import Findings, Site, shortened
from sfn_notebook.asl.rules import WARNING
from sfn_notebook.asl.spans import child_pointer

MAX_NAME_LENGTH: Final = 80
RESERVED: Final = "states"

_SUBSTITUTION: Final = "${"
_PATH_SUFFIX: Final = ".$"


def check_variable_names(site: Site) -> None:
    """The keys of one ``Assign``, which under JSONPath may end in ``.$``."""
    assignments = site.value if isinstance(site.value, dict) else {}
    for key in assignments:
        if _SUBSTITUTION not in key:
            _check_name(site, key, key if site.scope.is_jsonata else key.removesuffix(_PATH_SUFFIX))


def _check_name(site: Site, key: str, name: str) -> None:
    severity, hint = None, "Use letters, digits and _, and begin with a letter."
    if name == RESERVED:
        message, hint = f"The variable ${RESERVED} is reserved.", "Give it another name."
    elif len(name) > MAX_NAME_LENGTH:
        message = f"The name of this variable has {len(name)} characters; the limit is {MAX_NAME_LENGTH}."
        hint = "Shorten it."
    elif name.isidentifier() and not name.startswith("_"):
        return
    else:
        message = f'"{shortened(name)}" cannot name a variable.' if name else "A variable needs a name."
        if any(each in name for each in ".["):
            hint = "Assign a whole variable: a part of one cannot be assigned."
        if name.replace("-", "_").isidentifier():
            # The guide allows neither "-" nor a leading "_"; that AWS refuses them was not recorded.
            severity = WARNING
    pointer = child_pointer(site.pointer, key)
    site.findings.add("INVALID_VARIABLE_NAME", pointer, message, hint, at_key=True, severity=severity)


class _Scope:
    """What one branch assigns: ``firmly`` by its states, ``perhaps`` by their Catchers; name -> pointer."""

    def __init__(self, site: BranchSite) -> None:
        self.firmly = dict(reversed(list(_assignments(site, ("Choices",), with_states=True))))
        self.perhaps = dict(reversed(list(_assignments(site, ("Catch",), with_states=False))))


def check_scopes(findings: Findings, sites: Sequence[BranchSite]) -> None:
    """A variable of an inner scope has another name than those of the scopes around it; ``sites``: outer first."""
    scopes: dict[str, _Scope] = {}
    for site in sites:
        scope = scopes[site.pointer] = _Scope(site)
        around = [scopes[each.pointer] for each in _enclosing(site)]
        for name, pointer in ({**scope.perhaps, **scope.firmly} if around else {}).items():
            firm = next((each.firmly[name] for each in around if name in each.firmly), None)
            loose = next((each.perhaps[name] for each in around if name in each.perhaps), None)
            if (other := firm or loose) is not None:
                _report(findings, name, pointer, other, is_certain=firm is not None and not site.is_distributed)


def _enclosing(site: BranchSite) -> Iterator[BranchSite]:
    outer = site.outer
    while outer is not None:
        yield outer
        outer = outer.outer


def _report(findings: Findings, name: str, pointer: str, outer_pointer: str, *, is_certain: bool) -> None:
    """Report a name; it is advice only where AWS's answer is not known.

    Recorded: AWS ran a machine whose branch assigns what the Catcher of its Parallel assigns too. A Distributed Map's
    iterations are executions of their own, of which nothing was recorded.
    """
    message = f'The variable "{shortened(name)}" is already assigned in an outer scope, at {outer_pointer}.'
    hint = "Rename one of the two: branches and iterations read outer variables and hand values out by their output."
    severity = None if is_certain else WARNING
    findings.add("VARIABLE_OF_OUTER_SCOPE", pointer, message, hint, at_key=True, severity=severity)


def _assignments(site: BranchSite, lists: tuple[str, ...], *, with_states: bool) -> Iterator[tuple[str, str]]:
    """Variables that the states of one scope, or entries of their ``lists``, assign, each with its key's pointer."""
    for state_name, state in site.states.items():
        pointer = site.state_pointer(state_name)
        if with_states:
            yield from _keys(state, pointer)
        for field in lists:
            entries = state.get(field)
            for index, entry in enumerate(entries if isinstance(entries, list) else ()):
                if isinstance(entry, dict):
                    yield from _keys(entry, child_pointer(child_pointer(pointer, field), index))


def _keys(owner: JSONObject, pointer: str) -> Iterator[tuple[str, str]]:
    assignments = owner.get("Assign")
    if isinstance(assignments, dict):
        base = child_pointer(pointer, "Assign")
        for key in assignments:
            yield key.removesuffix(_PATH_SUFFIX), child_pointer(base, key)
