"""Which names of a definition mean which things of the notebook, found before a run begins; it runs nothing."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from sfn_notebook._json import JSONObject
from sfn_notebook.asl.model import Branch, MapState, ParallelState, ProcessorMode, State, TaskState
from sfn_notebook.engine.breakpoints import Breakpoint
from sfn_notebook.engine.resources import plan_resource
from sfn_notebook.errors import FeatureNotSupported, InvalidInput, UnknownName
from sfn_notebook.functions.registry import FunctionRegistry
from sfn_notebook.runtime.ids import DEFAULT_ACCOUNT

_BARE_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_SUBSTITUTION: Final = re.compile(r"\$\{([A-Za-z0-9_.:-]+)\}")
_LAMBDA_INVOKE: Final = re.compile(r"arn:[^:]+:states:[^:]*:[^:]*:lambda:invoke")


@dataclass(frozen=True, kw_only=True, slots=True)
class Reference:
    """A name that a definition uses and the place where it does."""

    name: str
    pointer: str


def states_of(branch: Branch) -> Iterator[State]:
    """Every state of a definition, nested ones too, in the order of the text."""
    for state in branch.states.values():
        yield state
        if isinstance(state, ParallelState):
            for inner in state.branches:
                yield from states_of(inner)
        elif isinstance(state, MapState):
            yield from states_of(state.item_processor)


def is_bare_name(resource: str) -> bool:
    """Whether a Resource is a function's name rather than an ARN."""
    return _BARE_NAME.fullmatch(resource) is not None


def function_references(definition: Branch) -> tuple[Reference, ...]:
    """The functions that a definition names: bare Resources, ``${name}``, and literal names in ``lambda:invoke``."""
    found: list[Reference] = []
    for state in states_of(definition):
        if isinstance(state, TaskState):
            found.extend(Reference(name=name, pointer=pointer) for name, pointer in _names_of(state))
    return tuple(dict.fromkeys(found))


def _names_of(state: TaskState) -> Iterator[tuple[str, str]]:
    if is_bare_name(state.resource):
        yield state.resource, f"{state.pointer}/Resource"
    for name in _SUBSTITUTION.findall(state.resource):
        yield name, f"{state.pointer}/Resource"
    function_name = _literal_function_name(state)
    if function_name is not None:
        where = f"{state.pointer}/Parameters/FunctionName"
        names = _SUBSTITUTION.findall(function_name)
        yield from ((name, where) for name in names or ([function_name] if is_bare_name(function_name) else []))


def _literal_function_name(state: TaskState) -> str | None:
    parameters = state.parameters
    if _LAMBDA_INVOKE.match(state.resource) and isinstance(parameters, Mapping):
        name = parameters.get("FunctionName")
        return name if isinstance(name, str) else None
    return None


def resource_binder(
    registry: FunctionRegistry, mocked: frozenset[str] = frozenset(), plan: Callable[..., object] = plan_resource
) -> Callable[[TaskState], str]:
    """A way to give the ARN of a Task's Resource; what this version cannot run is refused by name.

    States whose names are ``mocked`` do no work, so that theirs may be any; ``plan`` refuses what nobody does.
    """

    def resource_of(state: TaskState) -> str:
        resource = state.resource
        if state.name in mocked:
            return resource if resource.startswith("arn:") else DEFAULT_ACCOUNT.function_arn(_plain_name(resource))
        if is_bare_name(resource) and (function := registry.get(resource)) is not None:
            resource = function.arn
        plan(resource, pointer=f"{state.pointer}/Resource")
        _refuse_dry_run(state)
        return resource

    return resource_of


def _plain_name(resource: str) -> str:
    """A function's name out of a bare name or a substitution that means nothing here."""
    return re.sub(r"[^A-Za-z0-9_-]+", "-", resource).strip("-") or "function"


def _refuse_dry_run(state: TaskState) -> None:
    parameters: JSONObject = state.parameters if isinstance(state.parameters, dict) else {}
    invocation_type = parameters.get("InvocationType", "RequestResponse")
    if _LAMBDA_INVOKE.match(state.resource) and invocation_type not in {"RequestResponse", "Event"}:
        pointer = f"{state.pointer}/Parameters/InvocationType"
        hint = 'Leave it out, or write "RequestResponse" or "Event".'
        raise FeatureNotSupported(f"InvocationType {invocation_type!r}", pointer=pointer, hint=hint)


def breakpoints_of(given: Iterable[str | Breakpoint], definition: Branch) -> tuple[Breakpoint, ...]:
    """Breakpoints by states' names, or as they are.

    Raises:
        UnknownName: For a state that the definition does not have, with the nearest names.
        InvalidInput: For a state of a Distributed Map, whose executions are others.
    """
    names = dict.fromkeys(state.name for state in states_of(definition))
    inner = {state.name for state in _states_of_children(definition)}
    found = tuple(each if isinstance(each, Breakpoint) else Breakpoint(state=each) for each in given)
    for each in found:
        if each.state not in names:
            raise UnknownName("state", each.state, names)
        if each.state in inner:
            hint = "Set the breakpoint at the Map."
            raise InvalidInput(f"{each.state} runs in child executions of a Distributed Map.", hint=hint)
    return found


def _states_of_children(definition: Branch) -> Iterator[State]:
    for state in states_of(definition):
        if isinstance(state, MapState) and state.item_processor.mode is ProcessorMode.DISTRIBUTED:
            yield from states_of(state.item_processor)
