"""Our problems in the words of AWS: codes, texts and locations of its diagnostics; it finds no problem itself.

Source: recorded answers of CreateStateMachine, ValidateStateMachineDefinition and TestState; the list of codes is the
API reference's, "ValidateStateMachineDefinitionDiagnostic". Texts that were not recorded are as users quote AWS in
public reports; where nobody quotes one, the text is our own under AWS's code.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from sfn_notebook._json import JSONObject, JSONValue
from sfn_notebook.asl import fields
from sfn_notebook.asl.jackson_errors import first_error
from sfn_notebook.asl.jsonata_grammar import parse_jsonata
from sfn_notebook.asl.jsonata_tokens import JsonataSyntaxError
from sfn_notebook.asl.model import QueryLanguage
from sfn_notebook.asl.rules import ERROR
from sfn_notebook.asl.source import Document
from sfn_notebook.asl.validation import validate
from sfn_notebook.errors import Problem

SCHEMA: Final = "SCHEMA_VALIDATION_FAILED"
_STATE_TYPES: Final = ("Task", "Wait", "Pass", "Succeed", "Fail", "Choice", "Parallel", "Map")
_UNREAD: Final = frozenset({"JSON_SYNTAX", "YAML_SYNTAX", "YAML_NOT_JSON", "YAML_EXPANSION"})
_DEFERRED: Final = {"NO_TERMINAL_STATE": 1}
"""Recorded by users: MISSING_END_STATE comes after what is wrong with single states."""

_CODES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "MISSING_TRANSITION_TARGET": "MISSING_TRANSITION_TARGET",
        "UNREACHABLE_STATE": "MISSING_TRANSITION_TARGET",
        "NO_TERMINAL_STATE": "MISSING_END_STATE",
        "DUPLICATE_STATE_NAME": "DUPLICATE_STATE_NAME",
        "STATE_NAME_TOO_LONG": "INVALID_STATE_NAME",
        "NESTING_TOO_DEEP": "TOO_DEEPLY_NESTED",
        "INVALID_JSONATA": "INVALID_JSONATA_EXPRESSION",
        "UNAVAILABLE_VALUE": "INVALID_JSONATA_EXPRESSION",
        "DUPLICATE_KEY": "INVALID_JSON_DESCRIPTION",
        "NO_DOLLAR": "NO_DOLLAR",
        "PASS_RESULT_IS_STATIC": "PASS_RESULT_IS_STATIC",
    }
)
"""Rule -> AWS's code, where it is not SCHEMA_VALIDATION_FAILED."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Diagnostic:
    """One diagnostic of AWS; ``location`` is ``None`` where AWS gives none."""

    severity: str
    code: str
    message: str
    location: str | None = None

    def as_json(self) -> JSONObject:
        """As ValidateStateMachineDefinition returns it."""
        described: JSONObject = {"severity": self.severity, "code": self.code, "message": self.message}
        if self.location is not None:
            described["location"] = self.location
        return described

    def __str__(self) -> str:
        # Quoted from AWS: without a location CreateStateMachine writes "at null".
        return f"{self.code}: {self.message} at {'null' if self.location is None else self.location}"


def diagnose(document: Document, *, is_express: bool = False) -> tuple[Diagnostic, ...]:
    """Everything that AWS would say about a definition, warnings too, in the order of the text.

    Args:
        document: What was read. YAML is a spelling of ours: text that holds no object is judged as the JSON it is not.
        is_express: Whether the machine is to be an Express one.
    """
    if not isinstance(document.value, dict):
        return (_unread(document),)
    problems = validate(document, is_express=is_express)
    ordered = sorted(problems, key=lambda each: _DEFERRED.get(each.rule, 0))
    return tuple(_merged(document.value, ordered))


def refusal(diagnostics: Iterable[Diagnostic]) -> str | None:
    """The message of InvalidDefinition; ``None`` where no diagnostic is an error."""
    errors = [str(each) for each in diagnostics if each.severity == ERROR]
    return f"Invalid State Machine Definition: '{', '.join(errors)}'" if errors else None


def _unread(document: Document) -> Diagnostic:
    text = document.text
    if text.strip() and (found := first_error(text)) is not None:
        code = "INVALID_JSON_DESCRIPTION"
        return Diagnostic(severity=ERROR, code=code, message=found.message, location=found.location)
    if document.problems and document.problems[0].rule not in _UNREAD:
        first = document.problems[0]
        return Diagnostic(severity=ERROR, code=_CODES.get(first.rule, SCHEMA), message=first.message, location="/")
    return Diagnostic(severity=ERROR, code=SCHEMA, message="Definition must be a valid JSON object")


def _merged(definition: JSONObject, problems: Sequence[Problem]) -> Iterable[Diagnostic]:
    """AWS names all missing fields of an object in one diagnostic, and nothing unreachable beside an endless loop."""
    missing: dict[str, list[str]] = {}
    for problem in problems:
        if problem.rule == "MISSING_FIELD":
            missing.setdefault(problem.pointer, []).append(problem.subject)
    endless = {problem.pointer for problem in problems if problem.rule == "NO_TERMINAL_STATE"}
    for problem in problems:
        if problem.rule == "MISSING_FIELD":
            names = missing.pop(problem.pointer, None)
            if names is not None:
                # Recorded: [States, StartAt], so not the order of the specification.
                listed = ", ".join(sorted(names, key=lambda name: name != "States"))
                yield _diagnostic(definition, problem, f"These fields are required: [{listed}]", problem.pointer)
        elif not (problem.rule == "UNREACHABLE_STATE" and _parent(problem.pointer) in endless):
            yield _translated(definition, problem)


def _translated(definition: JSONObject, problem: Problem) -> Diagnostic:
    translate = _TEXTS.get(problem.rule)
    if translate is None:
        return _diagnostic(definition, problem, problem.message, problem.pointer)
    message, pointer = translate(definition, problem)
    return _diagnostic(definition, problem, message, pointer)


def _diagnostic(definition: JSONObject, problem: Problem, message: str, pointer: str | None) -> Diagnostic:
    location = None if pointer is None else location_of(definition, pointer)
    code = _CODES.get(problem.rule, SCHEMA)
    return Diagnostic(severity=problem.severity, code=code, message=message, location=location)


def location_of(definition: JSONValue, pointer: str) -> str:
    """A JSON pointer as AWS writes it: ``/States/X/Choices[0]/Next``; ``/`` is the whole definition."""
    text = ""
    part = definition
    for segment in _segments(pointer):
        if isinstance(part, list):
            text += f"[{segment}]"
            part = part[int(segment)] if int(segment) < len(part) else None
        else:
            text += f"/{segment}"
            part = part.get(segment) if isinstance(part, dict) else None
    return text or "/"


def _segments(pointer: str) -> list[str]:
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]


def _parent(pointer: str) -> str:
    return pointer.rpartition("/")[0]


def _value_at(definition: JSONValue, pointer: str) -> JSONValue:
    part = definition
    for segment in _segments(pointer):
        match part:
            case list():
                part = part[int(segment)]
            case dict():
                part = part.get(segment)
            case _:
                return None
    return part


Text = tuple[str, str | None]
"""AWS's message and the pointer that it belongs to; ``None`` is no location."""


def _at_value(message: str) -> Callable[[JSONObject, Problem], Text]:
    return lambda _definition, problem: (message, problem.pointer)


def _wrong_value(_definition: JSONObject, problem: Problem) -> Text:
    name = _segments(problem.pointer)[-1]
    values = _STATE_TYPES if name == "Type" else _field(problem.pointer).values
    return f"The field '{name}' should have one of these values: [{', '.join(values)}]", problem.pointer


def _unknown_field(_definition: JSONObject, problem: Problem) -> Text:
    return f"Field '{_segments(problem.pointer)[-1]}' is not supported", _parent(problem.pointer)


def _language_field(_definition: JSONObject, problem: Problem) -> Text:
    name = _segments(problem.pointer)[-1]
    own = _field(problem.pointer).language
    other = next(each for each in QueryLanguage if each != own)
    detail = f"field '{name}' is only supported for the '{own}' QueryLanguage"
    return f"The QueryLanguage is set to '{other}', but {detail}", _parent(problem.pointer)


def _downgrade(_definition: JSONObject, problem: Problem) -> Text:
    message = "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine"
    return message, _parent(problem.pointer)


def _exclusive(_definition: JSONObject, problem: Problem) -> Text:
    name = _segments(problem.pointer)[-1]
    names = sorted({name, _field(problem.pointer).twin or name})
    return f"There should only be one of the following fields: [{', '.join(names)}]", _parent(problem.pointer)


def _next_or_end(definition: JSONObject, problem: Problem) -> Text:
    state = _value_at(definition, problem.pointer)
    if isinstance(state, dict):
        return "These fields are required: [Next]", problem.pointer
    return "There should only be one of the following fields: [End, Next]", _parent(problem.pointer)


def _out_of_range(definition: JSONObject, problem: Problem) -> Text:
    field, value = _field(problem.pointer), _value_at(definition, problem.pointer)
    is_decimal = field.role is fields.Role.NUMBER
    if isinstance(value, str):
        return f"Maximum length is {field.max_length}", problem.pointer
    low, high = field.minimum, field.maximum
    is_low = low is not None and value < low
    limit = (low if is_low else high) or 0
    shown = float(limit) if is_decimal else int(limit)
    return f"{'Minimum' if is_low else 'Maximum'} value is {shown}", problem.pointer


def _wrong_type(_definition: JSONObject, problem: Problem) -> Text:
    return f"Expected value of type {_TYPES.get(_field(problem.pointer).role, 'Object')}", problem.pointer


def _template_value(_definition: JSONObject, problem: Problem) -> Text:
    name = _segments(problem.pointer)[-1]
    message = f"The value for the field '{name}' must be a valid JSONPath or a valid intrinsic function call"
    return message, _parent(problem.pointer)


def _path(definition: JSONObject, problem: Problem) -> Text:
    is_in_template = _segments(problem.pointer)[-1].endswith(".$")
    if is_in_template:
        return _template_value(definition, problem)
    return "Value must be a valid JSONPath.", problem.pointer


def _target(definition: JSONObject, problem: Problem) -> Text:
    # Quoted from AWS: the word is Next, whichever field names the state.
    return f"Missing 'Next' target: {_value_at(definition, problem.pointer)}", problem.pointer


def _unreachable(_definition: JSONObject, problem: Problem) -> Text:
    return f'State "{_segments(problem.pointer)[-1]}" is not reachable.', problem.pointer


def _endless(_definition: JSONObject, _problem: Problem) -> Text:
    return "Workflow has no terminal state", None


def _duplicate_state(_definition: JSONObject, problem: Problem) -> Text:
    return f"Duplicate State name: {_segments(problem.pointer)[-1]}", problem.pointer


def _integration(definition: JSONObject, problem: Problem) -> Text:
    detail = "The value is not a valid resource ARN, or the resource is not available in this region."
    resource = _value_at(definition, problem.pointer)
    return f"The resource provided {resource} is not recognized. {detail}", problem.pointer


def _express(definition: JSONObject, problem: Problem) -> Text:
    resource = _value_at(definition, problem.pointer)
    if not isinstance(resource, str):
        return problem.message, problem.pointer
    if resource.split(":")[5:6] == ["activity"]:
        return "Express state machine does not support Activity ARN", problem.pointer
    if resource.endswith(".waitForTaskToken"):
        # Recorded with the blank at its end.
        return "Express state machine does not support '.waitForTaskToken' service integration ", problem.pointer
    return "Express state machine does not support '.sync' service integration", problem.pointer


def _jsonata(definition: JSONObject, problem: Problem) -> Text:
    text = _value_at(definition, problem.pointer)
    if isinstance(text, str) and text.startswith("{%") and text.endswith("%}"):
        try:
            parse_jsonata(text[2:-2])
        except JsonataSyntaxError as error:
            return error.message, problem.pointer
    return problem.message, problem.pointer


_TEXTS: Final[Mapping[str, Callable[[JSONObject, Problem], Text]]] = MappingProxyType(
    {
        "WRONG_VALUE": _wrong_value,
        "WRONG_TYPE": _wrong_type,
        "UNKNOWN_FIELD": _unknown_field,
        "QUERY_LANGUAGE_FIELD": _language_field,
        "QUERY_LANGUAGE_DOWNGRADE": _downgrade,
        "EXCLUSIVE_FIELDS": _exclusive,
        "NEXT_OR_END": _next_or_end,
        "OUT_OF_RANGE": _out_of_range,
        "EMPTY_VALUE": _at_value("Value cannot be empty"),
        "INVALID_TIMESTAMP": _at_value("String does not match RFC3339 timestamp"),
        "INVALID_RESOURCE": _at_value("Value is not a valid resource ARN"),
        "INVALID_REFERENCE_PATH": _at_value("Value is not a Reference Path"),
        "INVALID_PATH": _path,
        "INVALID_TEMPLATE_VALUE": _template_value,
        "INVALID_INTRINSIC": _template_value,
        "INVALID_JSONATA": _jsonata,
        "CREDENTIALS_ROLE": _at_value("The field 'RoleArn' is required but was missing"),
        "EXPRESS_INTEGRATION": _express,
        "UNKNOWN_INTEGRATION": _integration,
        "MISSING_TRANSITION_TARGET": _target,
        "UNREACHABLE_STATE": _unreachable,
        "NO_TERMINAL_STATE": _endless,
        "DUPLICATE_STATE_NAME": _duplicate_state,
    }
)
"""Rule -> AWS's text and place."""

_TYPES: Final[Mapping[fields.Role, str]] = MappingProxyType(
    {
        fields.Role.TEXT: "String",
        fields.Role.TEXT_OR_EXPRESSION: "String",
        fields.Role.STATE_NAME: "String",
        fields.Role.PATH: "String",
        fields.Role.REFERENCE_PATH: "String",
        fields.Role.PATH_OR_INTRINSIC: "String",
        fields.Role.TIMESTAMP: "String",
        fields.Role.RESOURCE: "String",
        fields.Role.FLAG: "Boolean",
        fields.Role.INTEGER: "Integer",
        fields.Role.NUMBER: "Float",
        fields.Role.NAMES: "Array",
        fields.Role.RETRIERS: "Array",
        fields.Role.CATCHERS: "Array",
        fields.Role.CHOICES: "Array",
        fields.Role.RULES: "Array",
        fields.Role.BRANCHES: "Array",
        fields.Role.ITEMS: "Array",
    }
)

_UNKNOWN: Final = fields.Field(role=fields.Role.LITERAL)


def _all_fields() -> Mapping[tuple[str, str], fields.Field]:
    """(name of the object around it, name) -> field, and ("", name) where the object does not matter."""
    found: dict[tuple[str, str], fields.Field] = {}
    tables: list[tuple[str, fields.Table]] = [("", fields.MACHINE), ("", fields.PROCESSOR)]
    tables += [("", table) for table in fields.STATES.values()]
    tables += [("Retry", fields.RETRIER), ("Catch", fields.CATCHER), ("Choices", fields.CHOICE_RULE)]
    while tables:
        owner, table = tables.pop(0)
        for name, field in table.items():
            found.setdefault((owner, name), field)
            found.setdefault(("", name), field)
            if field.members is not None:
                tables.append((name, field.members))
    return MappingProxyType(found)


_FIELDS: Final = _all_fields()


def _field(pointer: str) -> fields.Field:
    """What the tables say of the field at ``pointer``."""
    segments = [each for each in _segments(pointer) if not each.isdigit()]
    owner = segments[-2] if len(segments) > 1 else ""
    return _FIELDS.get((owner, segments[-1]), _FIELDS.get(("", segments[-1]), _UNKNOWN))
