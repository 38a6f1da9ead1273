"""Completion for ``%%asl`` cells and ``%sfn`` lines, as IPython matchers; what fits where is decided elsewhere.

The matchers suppress all others on their own ground even when they have nothing to offer: Jedi would take seconds over
text that is no Python, and then offer Python's builtins.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final

from IPython.core.completer import CompletionContext, SimpleCompletion, SimpleMatcherResult, context_matcher

from sfn_notebook.engine.execution import Execution
from sfn_notebook.magics.arguments import Kind, Option, Usage
from sfn_notebook.magics.asl_suggestions import Suggestion, Suggestions, suggest
from sfn_notebook.magics.session import Session
from sfn_notebook.magics.verbs import VERB_NAMES, VERBS, find_verb
from sfn_notebook.workspace import StateMachine
from sfn_notebook.workspace.binding import states_of

ASL_CELL: Final = re.compile(r"\s*%%asl(?:\s|$)")
_FORMAT: Final = re.compile(r"--format[ =]+(json|yaml)")
_SFN_LINE: Final = re.compile(r"^(?:\s*|\s*[\w.,\s\[\]'\"]+=\s*)%sfn\s(?P<typed>.*)$")
_CLOCKS: Final = ("virtual", "manual", "real", "10x")


class _Offered(Sequence[SimpleCompletion]):
    """Completions that count as some even if there are none: only a matcher with results may suppress others."""

    def __init__(self, completions: Iterable[SimpleCompletion]) -> None:
        self._completions = list(completions)

    def __len__(self) -> int:
        return max(1, len(self._completions))

    def __iter__(self) -> Iterator[SimpleCompletion]:
        return iter(self._completions)

    def __getitem__(self, index: int | slice) -> SimpleCompletion:  # type: ignore[override]  # IPython only iterates
        return self._completions[index]  # type: ignore[return-value]  # as above


def matchers(session: Session, asl_usage: Usage) -> tuple[Callable[[CompletionContext], SimpleMatcherResult], ...]:
    """The two matchers for a shell's completer, reading names from ``session`` when they are asked."""

    @context_matcher(identifier="sfn_notebook.asl_cell")  # type: ignore[untyped-decorator]  # IPython leaves it untyped
    def asl_cell(context: CompletionContext) -> SimpleMatcherResult:
        if not ASL_CELL.match(context.full_text):
            return {"completions": [], "suppress": False}
        return _result(
            complete_cell(context.full_text, context.cursor_line, context.cursor_position, session, asl_usage)
        )

    @context_matcher(identifier="sfn_notebook.sfn_line")  # type: ignore[untyped-decorator]  # as above
    def sfn_line(context: CompletionContext) -> SimpleMatcherResult:
        line = _SFN_LINE.match(context.text_until_cursor)
        if line is None:
            return {"completions": [], "suppress": False}
        return _result(complete_verb(line["typed"], session))

    return asl_cell, sfn_line


def _result(found: Suggestions) -> SimpleMatcherResult:
    completions = (SimpleCompletion(text=each.text, type=each.kind) for each in found.choices)
    return {"completions": _Offered(completions), "matched_fragment": found.fragment, "suppress": True, "ordered": True}


def complete_cell(text: str, line: int, column: int, session: Session, usage: Usage) -> Suggestions:
    """What fits at the cursor of a whole ``%%asl`` cell: options on its first line, the language below."""
    lines = text.split("\n")
    first = next((number for number, each in enumerate(lines) if each.strip()), 0)
    head, body = lines[first], lines[first + 1 :]
    if line <= first:
        typed = head[:column].lstrip().removeprefix("%%asl")
        # Without a space, the magic's own name is still being typed.
        return complete_options(typed, usage, session) if typed[:1].isspace() else Suggestions()
    stated = _FORMAT.search(head)
    offset = sum(len(each) + 1 for each in body[: line - first - 1]) + column
    names = session.workspace.registry.names
    return suggest("\n".join(body), offset, functions=names, json=None if stated is None else stated[1] == "json")


def complete_verb(typed: str, session: Session) -> Suggestions:
    """What fits after ``%sfn``: a verb, or what the verb takes."""
    name, space, rest = typed.lstrip().partition(" ")
    if not space:
        own = [verb.name for verb in VERBS]
        return _fitting(name, ((each, "keyword") for each in (*own, *(each for each in VERB_NAMES if each not in own))))
    if name not in VERB_NAMES:
        return Suggestions()
    return complete_options(" " + rest, find_verb(name).usage, session)


def complete_options(typed: str, usage: Usage, session: Session) -> Suggestions:
    """What fits at the end of ``typed``, the part of a line that follows a command and begins with a space."""
    words = typed.split()
    fragment = "" if typed[-1:].isspace() or not words else words.pop()
    name, equals, value = fragment.partition("=")
    if equals and usage.option(name) is not None:
        return _values(value, usage.option(name), session)
    option = usage.option(words[-1]) if words else None
    if option is not None and option.kind is not Kind.FLAG:
        return _values(fragment, option, session)
    free = _free_operands(words, usage)
    names = _names(free[0], session) if free and not fragment.startswith("--") else ()
    taken = {found.name for word in words if (found := usage.option(word.partition("=")[0])) is not None}
    options = ((each.name, "keyword") for each in usage.options if each.name not in taken)
    return _fitting(fragment, (*names, *options))


def _free_operands(words: Sequence[str], usage: Usage) -> list[Kind]:
    """The kinds of operands that ``words`` have not given yet."""
    given, previous = 0, None
    for word in words:
        takes_value = previous is not None and previous.kind is not Kind.FLAG
        given += not takes_value and not word.startswith("--")
        previous = None if takes_value else usage.option(word)
    return [each.kind for each in usage.operands[given:]]


def _values(fragment: str, option: Option | None, session: Session) -> Suggestions:
    if option is None:
        return Suggestions()
    if option.name == "--clock":
        return _fitting(fragment, ((each, "value") for each in _CLOCKS))
    return _fitting(fragment, (*((each, "value") for each in option.choices), *_names(option.kind, session)))


def _names(kind: Kind, session: Session) -> tuple[tuple[str, str], ...]:  # noqa: PLR0911 - one case per kind
    match kind:
        case Kind.MACHINE:
            return tuple((name, "class") for name in _machines(session))
        case Kind.EXECUTION:
            return tuple((name, "instance") for name in _executions(session))
        case Kind.MACHINE_OR_EXECUTION:
            return _names(Kind.EXECUTION, session) + _names(Kind.MACHINE, session)
        case Kind.STATE:
            return tuple((name, "property") for name in _states(session))
        case Kind.VERB:
            return tuple((verb.name, "keyword") for verb in VERBS)
        case Kind.WAITING:
            return tuple((name, "instance") for name in _waiting(session))
        case Kind.ACTIVITY:
            return tuple((name, "instance") for name in session.workspace.activities.names)
        case Kind.FUNCTION:
            return tuple((name, "function") for name in session.workspace.registry.names)
        case Kind.INPUT:
            return tuple((name, "instance") for name in data_variables(session.variables))
        case _:
            return ()


def _machines(session: Session) -> Iterable[str]:
    bound = (name for name, value in session.variables.items() if isinstance(value, StateMachine))
    return dict.fromkeys((*session.workspace.machines, *bound))


def _states(session: Session) -> Iterable[str]:
    machines = session.workspace.machines.values()
    return dict.fromkeys(_as_word(state.name) for each in machines for state in states_of(each.definition))


def _waiting(session: Session) -> Iterable[str]:
    """The names under which one task waits, states first; a token only where there is no such name."""
    tasks = [each for each in session.workspace.waiting() if not (each.is_for_a_worker or each.is_for_an_execution)]
    names = Counter(name for each in tasks for name in (each.state_name, each.execution.name))
    states = [each.state_name for each in tasks if names[each.state_name] == 1]
    executions = [each.execution.name for each in tasks if names[each.execution.name] == 1]
    nameless = [each.task_token for each in tasks if names[each.state_name] > 1 and names[each.execution.name] > 1]
    return dict.fromkeys(_as_word(each) for each in (*states, *executions, *nameless))


def _as_word(name: str) -> str:
    """A name as one word of a line."""
    return f'"{name}"' if re.search(r"\s", name) else name


def _executions(session: Session) -> Iterable[str]:
    """Latest first: that is the one people mean."""
    bound = [
        name for name, value in session.variables.items() if isinstance(value, Execution) and not name.startswith("_")
    ]
    return dict.fromkeys((*bound, *reversed(session.workspace.executions)))


def data_variables(variables: Mapping[str, object]) -> list[str]:
    """Names of variables that hold JSON data, in the order of definition; IPython's own are left out."""
    types = (dict, list, tuple, str, int, float, bool)
    hidden = {"In", "Out"}
    return [
        name
        for name, value in variables.items()
        if isinstance(value, types) and not name.startswith("_") and name not in hidden
    ]


def _fitting(fragment: str, candidates: Iterable[tuple[str, str]]) -> Suggestions:
    folded = fragment.casefold()
    choices = [Suggestion(text=text, kind=kind) for text, kind in candidates if text.casefold().startswith(folded)]
    return Suggestions(fragment=fragment, choices=tuple(choices))
