"""Every rule that a definition must keep, as a table of ids, sentences and severities; it checks nothing itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from sfn_notebook.asl.spans import Span
from sfn_notebook.errors import Problem

ERROR: Final = "ERROR"
WARNING: Final = "WARNING"


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """One rule: what it demands, how bad a breach is, and where it comes from.

    ``severity`` is ERROR where AWS refuses the definition or no execution of it could work, else WARNING.
    """

    id: str
    text: str
    severity: str
    section: str


def _table(severity: str, section: str, rules: Mapping[str, str]) -> dict[str, Rule]:
    return {each: Rule(id=each, text=text, severity=severity, section=section) for each, text in rules.items()}


_READING: Final = _table(
    ERROR,
    "RFC 8259; YAML 1.2, chapter 10; AWS quotas",
    {
        "JSON_SYNTAX": "The text is JSON.",
        "YAML_SYNTAX": "The text is YAML.",
        "YAML_NOT_JSON": "The YAML holds nothing that JSON cannot say.",
        "YAML_EXPANSION": "Aliases expand to a bounded number of values.",
        "DUPLICATE_KEY": "An object has each key once.",
        "NESTING_TOO_DEEP": "Objects and arrays are nested to a bounded depth.",
        "NUMBER_TOO_LARGE": "A number can be written back as JSON.",
        "LONE_SURROGATE": "Text can be stored as UTF-8.",
        "DEFINITION_TOO_LARGE": "A definition has at most 1 MB.",
    },
)
_STRUCTURE: Final = _table(
    ERROR,
    "Structure of a State Machine; Common State Fields",
    {
        "NOT_AN_OBJECT": "A definition is an object.",
        "UNKNOWN_FIELD": "Only fields of the language are used, each where it belongs.",
        "MISSING_FIELD": "Required fields are there.",
        "WRONG_TYPE": "A field holds a value of its type.",
        "WRONG_VALUE": "A field holds one of its values.",
        "OUT_OF_RANGE": "A number lies within its range.",
        "EMPTY_VALUE": "A list, an object or a name that must say something is not empty.",
        "EXCLUSIVE_FIELDS": "Fields that exclude each other are not used together.",
        "STATE_NAME_TOO_LONG": "A state's name has at most 80 characters.",
        "DUPLICATE_STATE_NAME": "A state's name is unique in the whole state machine.",
    },
)
_TRANSITIONS: Final = _table(
    ERROR,
    "Transitions",
    {
        "MISSING_TRANSITION_TARGET": "A transition leads to a state of the same branch.",
        "NEXT_OR_END": "A state has either Next or End.",
        "UNREACHABLE_STATE": "Every state can be reached from StartAt.",
        "NO_TERMINAL_STATE": "At least one state that can be reached ends the branch.",
        "NEXT_IN_NESTED_RULE": "Only a top-level Choice Rule has Next.",
    },
)
_EXPRESSIONS: Final = _table(
    ERROR,
    "Paths; Reference Paths; Payload Template; Intrinsic Functions; JSONata",
    {
        "INVALID_PATH": "A path follows JSONPath's syntax.",
        "INVALID_REFERENCE_PATH": "A place to write to is named by a Reference Path.",
        "INVALID_INTRINSIC": "An intrinsic function is known and called as it is defined.",
        "INVALID_TEMPLATE_VALUE": 'A key that ends in ".$" holds a path or an intrinsic function.',
        "TEMPLATE_KEY_CONFLICT": 'A payload template has a key with or without ".$", not both.',
        "INVALID_TIMESTAMP": "A timestamp follows RFC 3339 with T and Z or an offset.",
        "INVALID_RESOURCE": "A Resource is a function name, a substitution or an ARN.",
        "UNKNOWN_INTEGRATION": "An optimised integration is one that Step Functions has.",
        "INVALID_JSONATA": "A JSONata string is {% expression %} with a well-formed expression.",
        "UNAVAILABLE_VALUE": "An expression reads from $states what is there: a result after work, a caught error.",
        "QUERY_LANGUAGE_FIELD": "A state uses the fields of its query language.",
        "QUERY_LANGUAGE_DOWNGRADE": "A state of a JSONata state machine is not JSONPath.",
    },
)
_VARIABLES: Final = _table(
    ERROR,
    "Step Functions Developer Guide, Passing data between states with variables",
    {
        "INVALID_VARIABLE_NAME": "A variable's name is an identifier of at most 80 characters and not reserved.",
        "VARIABLE_OF_OUTER_SCOPE": "A branch assigns no variable that is assigned in a scope around it.",
    },
)
_CHOICES: Final = _table(
    ERROR,
    "Choice State",
    {
        "CHOICE_OPERATOR": "A data-test expression has exactly one comparison operator.",
        "CHOICE_RULE": "A Choice Rule is one of And, Or, Not, a data-test expression or a Condition.",
    },
)
_FAILURES: Final = _table(
    ERROR,
    "Errors; Retrying after error; Fallback states",
    {
        "STATES_ALL_ALONE": "States.ALL stands alone in its ErrorEquals.",
        "STATES_ALL_LAST": "States.ALL stands in the last Retrier or Catcher.",
        "HEARTBEAT_BELOW_TIMEOUT": "HeartbeatSeconds is smaller than TimeoutSeconds.",
        "CREDENTIALS_ROLE": "Credentials names a RoleArn.",
        "EXPRESS_INTEGRATION": "An Express machine uses request-response integrations and inline Maps only.",
    },
)
_ADVICE: Final = _table(
    WARNING,
    "AWS diagnostics of severity WARNING; Step Functions Developer Guide",
    {
        "MISPLACED_FIELD": "A field of the machine stands beside States, not within it.",
        "UNKNOWN_ERROR_NAME": 'A name that begins with "States." is one of the reserved names.',
        "UNKNOWN_OPTION": "A reader, writer or processor option is one that is known.",
        "UNKNOWN_VERSION": 'Version is "1.0".',
        "UNKNOWN_CONTEXT_FIELD": "A path into the Context Object names a field that it has.",
        "SCRIPT_EXPRESSION": "A path has no script expression: JSONPath libraries disagree about them.",
        "NO_DOLLAR": 'A path to be read stands under a key that ends in ".$" or in a field that ends in "Path".',
        "PASS_RESULT_IS_STATIC": "Result is literal: nothing in it is evaluated.",
        "JSONATA_IN_JSONPATH": "A JSONata string is evaluated only in a JSONata state.",
        "JSONPATH_IN_JSONATA": 'A key that ends in ".$" is evaluated only in a JSONPath state.',
        "JSONATA_SPACING": "One blank or line break stands inside each JSONata delimiter, and none outside.",
        "DISTRIBUTED_ONLY": "Fields of a Distributed Map are used in one.",
    },
)

RULES: Final[Mapping[str, Rule]] = MappingProxyType(
    _READING | _STRUCTURE | _TRANSITIONS | _EXPRESSIONS | _VARIABLES | _CHOICES | _FAILURES | _ADVICE
)
"""Rule id -> rule. Source: Amazon States Language specification; AWS Step Functions Developer Guide."""


def problem(
    rule: str,
    message: str,
    *,
    hint: str = "",
    pointer: str = "",
    span: Span | None = None,
    severity: str | None = None,
    subject: str = "",
) -> Problem:
    """One breach of ``rule``; ``severity`` replaces the rule's own where the evidence differs by place."""
    return Problem(
        rule=rule,
        severity=severity or RULES[rule].severity,
        message=message,
        hint=hint,
        pointer=pointer,
        line=span.line if span else 0,
        column=span.column if span else 0,
        end_line=span.end_line if span else 0,
        end_column=span.end_column if span else 0,
        subject=subject,
    )
