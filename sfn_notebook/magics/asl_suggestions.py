"""What may be typed at a place of a definition: keys, state names, types, functions, error names; it knows no IPython.

Source: Amazon States Language, "State Types", "Errors" and "Choice State"; the order within a table is the one in which
people write the fields.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sfn_notebook.asl import error_names, fields
from sfn_notebook.asl.fields import Field, Table
from sfn_notebook.asl.fields import Role as FieldRole
from sfn_notebook.asl.intrinsic_functions import FUNCTIONS
from sfn_notebook.asl.model import QueryLanguage
from sfn_notebook.magics.asl_outline import Cursor, Node, Role, read_outline

_FIRST_KEYS: Final = (
    *(
        "Type",
        "StartAt",
        "States",
        "ErrorEquals",
        "Variable",
        *fields.OPERATORS,
        "Resource",
        "Choices",
        "Branches",
        "ItemsPath",
    ),
    *("ItemProcessor", "ItemSelector", "Result", "Seconds", "Timestamp", "Error", "Cause", "Parameters", "Arguments"),
    *("Next", "Default", "End", "ResultSelector", "ResultPath", "Retry", "Catch", "IntervalSeconds", "MaxAttempts"),
    *("BackoffRate", "MaxDelaySeconds", "TimeoutSeconds", "MaxConcurrency"),
)
_LAST_KEYS: Final = ("Comment", "QueryLanguage", "Version", "Credentials", "Iterator")
_RANKS: Final = {
    **{key: rank for rank, key in enumerate(_FIRST_KEYS)},
    **{key: 1_000 + rank for rank, key in enumerate(_LAST_KEYS)},
}
_RANK_OF_OTHERS: Final = 500

_TABLES: Final[Mapping[FieldRole, Table]] = {
    FieldRole.RETRIERS: fields.RETRIER,
    FieldRole.CATCHERS: fields.CATCHER,
    FieldRole.CHOICES: fields.CHOICE_RULE,
    FieldRole.RULE: fields.NESTED_RULE,
    FieldRole.RULES: fields.NESTED_RULE,
    FieldRole.BRANCHES: fields.BRANCH,
    FieldRole.PROCESSOR: fields.PROCESSOR,
}
_TEXT: Final = Field(role=FieldRole.TEXT)
_LAMBDA_PARAMETERS: Final[Table] = {
    "FunctionName": _TEXT,
    "Payload": _TEXT,
    "Payload.$": _TEXT,
    "InvocationType": Field(role=FieldRole.TEXT, values=("RequestResponse", "Event", "DryRun")),
    "Qualifier": _TEXT,
}
_ANY_STATE: Final[Table] = {
    "Type": _TEXT,
    **{key: field for table in fields.STATES.values() for key, field in table.items()},
}

LAMBDA_INVOKE: Final = "arn:aws:states:::lambda:invoke"
_LITERALS: Final = frozenset({"true", "false"})
CONTEXT_PATHS: Final = (
    *("$$.Execution.Id", "$$.Execution.Input", "$$.Execution.Name", "$$.Execution.StartTime", "$$.Execution.RoleArn"),
    *("$$.State.Name", "$$.State.EnteredTime", "$$.State.RetryCount", "$$.StateMachine.Id", "$$.StateMachine.Name"),
    *("$$.Map.Item.Index", "$$.Map.Item.Value", "$$.Task.Token"),
)
"""The fields of the Context Object."""

_FIRST_ERRORS: Final = (error_names.ALL, error_names.TASK_FAILED, error_names.TIMEOUT)
_BOOLEAN_RULES: Final = frozenset({"And", "Or", "Not"})
_TESTS: Final = _BOOLEAN_RULES | set(fields.OPERATORS)


@dataclass(frozen=True, kw_only=True, slots=True)
class Suggestion:
    """One thing that may be typed; ``text`` replaces the fragment, ``kind`` is shown beside it."""

    text: str
    kind: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Suggestions:
    """All that may replace ``fragment``, which ends at the cursor; the best first."""

    fragment: str = ""
    choices: tuple[Suggestion, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """What an object of a definition may hold: the fields of ``table``, or in a ``States`` object any name."""

    table: Table
    is_states: bool = False


_NOWHERE: Final = Place(table={})


def place_of(node: Node) -> Place:
    """What ``node`` is in a definition; an array counts as what its entries are."""
    path = [each for each in node.ancestors() if each.key is not None]
    place = Place(table=fields.MACHINE)
    for each in reversed(path):
        if place.is_states:
            place = Place(table=fields.STATES.get(each.text("Type") or "", _ANY_STATE))
        else:
            place = _place_under(each, place.table.get(each.key or ""))
    return place


def _place_under(node: Node, field: Field | None) -> Place:
    if field is None:
        return _NOWHERE
    if field.role is FieldRole.STATES:
        return Place(table={}, is_states=True)
    if field.role is FieldRole.TEMPLATE and node.key in {"Parameters", "Arguments"} and _invokes_lambda(node.parent):
        return Place(table=_LAMBDA_PARAMETERS)
    return Place(table=field.members or _TABLES.get(field.role, {}))


def _invokes_lambda(state: Node | None) -> bool:
    return state is not None and (state.text("Resource") or "").startswith(LAMBDA_INVOKE)


def _language_of(node: Node) -> QueryLanguage:
    """The query language of the innermost state or machine around ``node`` that names one."""
    named = (each.text("QueryLanguage") for each in node.ancestors())
    return QueryLanguage.JSONATA if next(filter(None, named), "") == "JSONata" else QueryLanguage.JSONPATH


def suggest(text: str, offset: int, *, functions: Iterable[str] = (), json: bool | None = None) -> Suggestions:
    """What may be typed at ``offset`` of the definition ``text``, complete or not.

    Args:
        text: The definition so far, JSON or YAML.
        offset: The cursor's place in ``text``, in characters.
        functions: Names that a Task may call.
        json: The format, if it is known; otherwise the text's beginning decides.
    """
    outline = read_outline(text, offset, json=json)
    cursor = outline.cursor
    if cursor is None:
        return Suggestions()
    names = tuple(functions)
    if cursor.quote and (opening := cursor.fragment.rfind("${")) >= 0 and "}" not in cursor.fragment[opening:]:
        return _substitutions(cursor, cursor.fragment[opening + 2 :], text[offset:], names)
    if cursor.role is Role.KEY:
        candidates = _keys(cursor.container, place_of(cursor.container).table)
    elif cursor.role is Role.ITEM:
        candidates = _items(cursor, outline.root)
    else:
        candidates = _values(cursor, names)
    folded = cursor.fragment.casefold()
    fitting = [each for each in candidates if each.text.casefold().startswith(folded)]
    behind = text[offset : offset + 80]
    return Suggestions(fragment=cursor.fragment, choices=tuple(_written(each, cursor, behind) for each in fitting))


def _substitutions(cursor: Cursor, fragment: str, behind: str, functions: Sequence[str]) -> Suggestions:
    """Names of functions within ``${...}``; closes what is still open."""
    closing = "" if behind.startswith("}") else "}"
    quote = "" if closing == "" or cursor.is_closed else cursor.quote
    fitting = [name for name in functions if name.casefold().startswith(fragment.casefold())]
    choices = [Suggestion(text=f"{name}{closing}{quote}", kind="function") for name in fitting]
    return Suggestions(fragment=fragment, choices=tuple(choices))


def _written(suggestion: Suggestion, cursor: Cursor, behind: str) -> Suggestion:
    """Put the quotes around that are still missing, and a colon after a YAML key."""
    text = suggestion.text
    if cursor.quote:
        text += "" if cursor.is_closed else cursor.quote
    elif cursor.is_json and text not in _LITERALS:
        text = f'"{text}"'
    elif not cursor.is_json and suggestion.kind == "property" and not behind.lstrip(" ").startswith(":"):
        text += ": "
    return Suggestion(text=text, kind=suggestion.kind)


def _keys(container: Node, table: Table) -> Iterator[Suggestion]:
    """The keys of ``table`` that are not there yet nor excluded; those that people write first come first."""
    taken = set(container.members)
    taken |= {twin for key in taken if key in table and (twin := table[key].twin)}
    if table in (fields.CHOICE_RULE, fields.NESTED_RULE):
        if not taken.isdisjoint(_TESTS):
            taken |= _TESTS
        elif "Variable" in taken:
            taken |= _BOOLEAN_RULES
    language = _language_of(container)
    fitting = [key for key, field in table.items() if key not in taken and field.language in {None, language}]
    ranked = sorted(fitting, key=lambda key: _RANKS.get(key, _RANK_OF_OTHERS))
    return (Suggestion(text=key, kind="property") for key in ranked)


def _items(cursor: Cursor, root: Node) -> Iterator[Suggestion]:
    """Entries of an array: error names, or in YAML the keys of a new object."""
    container = cursor.container
    if container.key == "ErrorEquals":
        taken = {item for item in container.items if isinstance(item, str)} - {cursor.fragment}
        own = (name for name in _own_errors(root) if name != cursor.fragment)
        known = dict.fromkeys((*_FIRST_ERRORS, *own, *sorted(error_names.RESERVED_ERROR_NAMES)))
        yield from (Suggestion(text=name, kind="class") for name in known if name not in taken)
    elif not cursor.is_json:
        yield from _keys(Node(kind="object", parent=container), place_of(container).table)


def _own_errors(root: Node) -> Iterator[str]:
    """Error names that the definition uses already, in ErrorEquals and in Fail states."""
    pending: list[Node] = [root]
    while pending:
        node = pending.pop()
        children = [*node.members.values(), *node.items]
        pending += [child for child in reversed(children) if isinstance(child, Node)]
        if node.key == "ErrorEquals":
            yield from (item for item in node.items if isinstance(item, str) and item)
        elif node.text("Type") == "Fail" and (error := node.text("Error")):
            yield error


def _values(cursor: Cursor, functions: Sequence[str]) -> Iterator[Suggestion]:
    """What may stand after the key at the cursor."""
    key, container = cursor.key or "", cursor.container
    table = place_of(container).table
    field = table.get(key)
    if field is None:
        return _template_values(key)
    if key == "FunctionName":
        return _named(functions, "function")
    if key == "Type" and "QueryLanguage" in table:
        return _named(fields.STATES, "value")
    return _field_values(key, field, container, functions)


def _field_values(key: str, field: Field, container: Node, functions: Sequence[str]) -> Iterator[Suggestion]:
    match field.role:
        case FieldRole.STATE_NAME:
            return _start_names(container) if key == "StartAt" else _next_names(container)
        case FieldRole.RESOURCE:
            return _resources(functions)
        case FieldRole.FLAG:
            return _named(("true",), "value")
        case FieldRole.PATH | FieldRole.REFERENCE_PATH | FieldRole.PATH_OR_INTRINSIC:
            return _paths()
        case FieldRole.OPERAND:
            operand = fields.OPERATORS.get(key)
            return _paths() if operand == "path" else _named(("true", "false") if operand == "boolean" else (), "value")
        case _:
            return _named(("1.0",) if key == "Version" else field.values, "value")


def _template_values(key: str) -> Iterator[Suggestion]:
    """In a payload template, what may stand under a key that ends in ``.$``."""
    if key.endswith(".$"):
        yield from _paths()
        yield from _named(FUNCTIONS, "function")


def _paths() -> Iterator[Suggestion]:
    return _named(("$", *CONTEXT_PATHS), "path")


def _named(names: Iterable[str], kind: str) -> Iterator[Suggestion]:
    return (Suggestion(text=name, kind=kind) for name in names)


def _state_names(states: "Node | str | None", *, besides: str | None = None) -> Iterator[Suggestion]:
    if isinstance(states, Node):
        yield from (Suggestion(text=name, kind="state") for name in states.members if name != besides)


def _start_names(container: Node) -> Iterator[Suggestion]:
    return _state_names(container.members.get("States"))


def _next_names(container: Node) -> Iterator[Suggestion]:
    """The states beside the one that the cursor is in; its own name last, since a loop of one state is rare."""
    inner: Node | None = None
    for node in container.ancestors():
        if node.key == "States" and place_of(node).is_states:
            own = inner.key if inner is not None else None
            yield from _state_names(node, besides=own)
            yield from (Suggestion(text=name, kind="state") for name in node.members if name == own)
            return
        inner = node


def _resources(functions: Sequence[str]) -> Iterator[Suggestion]:
    yield from _named(functions, "function")
    yield from _named((f"${{{name}}}" for name in functions), "function")
    yield Suggestion(text=LAMBDA_INVOKE, kind="value")
