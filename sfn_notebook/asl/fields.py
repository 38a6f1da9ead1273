"""Every field of the language as a table: what it holds, where it may stand, what it excludes; it checks nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum, auto
from types import MappingProxyType
from typing import Final, TypeAlias

from sfn_notebook.asl.model import QueryLanguage


class Role(Enum):
    """What a field's value means, and so what it must look like."""

    TEXT = auto()
    TEXT_OR_EXPRESSION = auto()
    NAMES = auto()
    STATE_NAME = auto()
    FLAG = auto()
    INTEGER = auto()
    NUMBER = auto()
    PATH = auto()
    REFERENCE_PATH = auto()
    PATH_OR_INTRINSIC = auto()
    TEMPLATE = auto()
    ASSIGNMENTS = auto()
    LITERAL = auto()
    TIMESTAMP = auto()
    RESOURCE = auto()
    CREDENTIALS = auto()
    CONDITION = auto()
    ITEMS = auto()
    OBJECT = auto()
    RETRIERS = auto()
    CATCHERS = auto()
    CHOICES = auto()
    RULE = auto()
    RULES = auto()
    OPERAND = auto()
    STATES = auto()
    BRANCHES = auto()
    PROCESSOR = auto()


@dataclass(frozen=True, kw_only=True, slots=True)
class Field:
    """One field of one kind of object.

    ``language`` is the query language that the field belongs to, ``None`` for both. ``twin`` is the field that it
    excludes. ``takes_jsonata`` tells whether a JSONata string may stand for a number. ``members`` is the table of an
    OBJECT. ``is_open`` objects may have fields that this table does not know yet: they are worth a warning only.
    ``reads`` are the parts of ``$states`` that the field's expressions may read besides ``input`` and ``context``.
    """

    role: Role
    required: bool = False
    language: QueryLanguage | None = None
    nullable: bool = False
    minimum: float | None = None
    maximum: float | None = None
    max_length: int | None = None
    values: tuple[str, ...] = ()
    twin: str | None = None
    takes_jsonata: bool = False
    members: "Table | None" = None
    is_open: bool = False
    distributed_only: bool = False
    reads: frozenset[str] = frozenset()


Table: TypeAlias = Mapping[str, Field]

_JSONPATH: Final = QueryLanguage.JSONPATH
_JSONATA: Final = QueryLanguage.JSONATA

MAX_SECONDS: Final = 99_999_999
MAX_DELAY_SECONDS: Final = 31_622_400
MAX_BATCH_BYTES: Final = 262_144
MAX_ITEMS: Final = 100_000_000

_COMMENT: Final = Field(role=Role.TEXT)
_TEXT: Final = Field(role=Role.TEXT)
_STATE_NAME: Final = Field(role=Role.STATE_NAME)
_TEMPLATE: Final = Field(role=Role.TEMPLATE)
_JSONPATH_TEMPLATE: Final = Field(role=Role.TEMPLATE, language=_JSONPATH)
_JSONATA_TEMPLATE: Final = Field(role=Role.TEMPLATE, language=_JSONATA)
_PATH: Final = Field(role=Role.PATH, language=_JSONPATH, nullable=True)
_PLAIN_PATH: Final = Field(role=Role.PATH, language=_JSONPATH)
_RESULT_PATH: Final = Field(role=Role.REFERENCE_PATH, language=_JSONPATH, nullable=True)
_ASSIGN: Final = Field(role=Role.ASSIGNMENTS)
_LANGUAGE: Final = Field(role=Role.TEXT, values=tuple(QueryLanguage))


def _with_path(name: str, field: Field, *, path: Field = _PLAIN_PATH) -> dict[str, Field]:
    """A field and the ``...Path`` twin that may stand in its place under JSONPath."""
    return {
        name: replace(field, twin=f"{name}Path"),
        f"{name}Path": replace(path, twin=name, distributed_only=field.distributed_only),
    }


def _table(*parts: Mapping[str, Field]) -> Table:
    merged: dict[str, Field] = {}
    for part in parts:
        merged.update(part)
    return MappingProxyType(merged)


def _integer(minimum: float, maximum: float | None = MAX_SECONDS, *, takes_jsonata: bool = False) -> Field:
    return Field(role=Role.INTEGER, minimum=minimum, maximum=maximum, takes_jsonata=takes_jsonata)


BRANCH: Final = _table(
    {
        "Comment": _COMMENT,
        "StartAt": Field(role=Role.STATE_NAME, required=True),
        "States": Field(role=Role.STATES, required=True),
    }
)
MACHINE: Final = _table(BRANCH, {"QueryLanguage": _LANGUAGE, "Version": _TEXT, "TimeoutSeconds": _integer(1)})
PROCESSOR_CONFIG: Final = _table(
    {
        "Comment": _COMMENT,
        "Mode": Field(role=Role.TEXT, values=("INLINE", "DISTRIBUTED")),
        "ExecutionType": Field(role=Role.TEXT, values=("STANDARD", "EXPRESS")),
    }
)
PROCESSOR: Final = _table(BRANCH, {"ProcessorConfig": Field(role=Role.OBJECT, members=PROCESSOR_CONFIG, is_open=True)})
RETRIER: Final = _table(
    {
        "Comment": _COMMENT,
        "ErrorEquals": Field(role=Role.NAMES, required=True),
        "IntervalSeconds": _integer(1),
        "MaxAttempts": _integer(0),
        "BackoffRate": Field(role=Role.NUMBER, minimum=1),
        "MaxDelaySeconds": _integer(1, MAX_DELAY_SECONDS),
        "JitterStrategy": Field(role=Role.TEXT, values=("NONE", "FULL")),
    }
)
CATCHER: Final = _table(
    {
        "Comment": _COMMENT,
        "ErrorEquals": Field(role=Role.NAMES, required=True),
        "Next": Field(role=Role.STATE_NAME, required=True),
        "ResultPath": _RESULT_PATH,
        "Assign": replace(_ASSIGN, reads=frozenset({"errorOutput"})),
        "Output": replace(_JSONATA_TEMPLATE, reads=frozenset({"errorOutput"})),
    }
)
READER_CONFIG: Final = _table(
    {
        "InputType": Field(role=Role.TEXT, values=("CSV", "JSON", "JSONL", "PARQUET", "MANIFEST")),
        "Transformation": Field(role=Role.TEXT, values=("NONE", "LOAD_AND_FLATTEN")),
        "ManifestType": Field(role=Role.TEXT, values=("ATHENA_DATA", "S3_INVENTORY")),
        "CSVHeaderLocation": Field(role=Role.TEXT, values=("FIRST_ROW", "GIVEN")),
        "CSVHeaders": Field(role=Role.NAMES),
        "CSVDelimiter": Field(role=Role.TEXT, values=("COMMA", "PIPE", "SEMICOLON", "SPACE", "TAB")),
        "ItemsPointer": Field(role=Role.TEXT_OR_EXPRESSION),
    },
    _with_path("MaxItems", _integer(0, MAX_ITEMS, takes_jsonata=True)),
)
_SERVICE_CALL: Final = {
    "Resource": Field(role=Role.RESOURCE),
    "Parameters": _JSONPATH_TEMPLATE,
    "Arguments": _JSONATA_TEMPLATE,
}
ITEM_READER: Final = _table(
    _SERVICE_CALL,
    {
        "Resource": Field(role=Role.RESOURCE, required=True),
        "ReaderConfig": Field(role=Role.OBJECT, members=READER_CONFIG, is_open=True),
    },
)
ITEM_BATCHER: Final = _table(
    {"BatchInput": _TEMPLATE},
    _with_path("MaxItemsPerBatch", _integer(1, None, takes_jsonata=True)),
    _with_path("MaxInputBytesPerBatch", _integer(1, MAX_BATCH_BYTES, takes_jsonata=True)),
)
WRITER_CONFIG: Final = _table(
    {
        "OutputType": Field(role=Role.TEXT, values=("JSON", "JSONL")),
        "Transformation": Field(role=Role.TEXT, values=("NONE", "COMPACT", "FLATTEN")),
    }
)
RESULT_WRITER: Final = _table(
    _SERVICE_CALL, {"WriterConfig": Field(role=Role.OBJECT, members=WRITER_CONFIG, is_open=True)}
)

_COMMON: Final = {
    "Type": Field(role=Role.TEXT, required=True),
    "Comment": _COMMENT,
    "QueryLanguage": _LANGUAGE,
}
_DATA: Final = {"InputPath": _PATH, "OutputPath": _PATH, "Output": _JSONATA_TEMPLATE}
_TRANSITION: Final = {"Next": _STATE_NAME, "End": Field(role=Role.FLAG), "Assign": _ASSIGN}
_RESULT: Final = {"ResultSelector": _JSONPATH_TEMPLATE, "ResultPath": _RESULT_PATH}
_PARAMETERS: Final = {"Parameters": _JSONPATH_TEMPLATE}
_ARGUMENTS: Final = {"Arguments": _JSONATA_TEMPLATE}
_FAILURES: Final = {"Retry": Field(role=Role.RETRIERS), "Catch": Field(role=Role.CATCHERS)}
_WITH_RESULT: Final = {
    "Assign": replace(_ASSIGN, reads=frozenset({"result"})),
    "Output": replace(_JSONATA_TEMPLATE, reads=frozenset({"result"})),
}
_ERROR_PATH: Final = Field(role=Role.PATH_OR_INTRINSIC, language=_JSONPATH)
_DISTRIBUTED: Final = {
    "ItemReader": Field(role=Role.OBJECT, members=ITEM_READER, distributed_only=True),
    "ItemBatcher": Field(role=Role.OBJECT, members=ITEM_BATCHER, distributed_only=True),
    "ResultWriter": Field(role=Role.OBJECT, members=RESULT_WRITER, distributed_only=True),
    "Label": Field(role=Role.TEXT, max_length=40, distributed_only=True),
    **_with_path("ToleratedFailureCount", replace(_integer(0, None, takes_jsonata=True), distributed_only=True)),
    **_with_path(
        "ToleratedFailurePercentage",
        Field(role=Role.NUMBER, minimum=0, maximum=100, takes_jsonata=True, distributed_only=True),
    ),
}

STATES: Final[Mapping[str, Table]] = MappingProxyType(
    {
        "Task": _table(
            _COMMON,
            _DATA,
            _TRANSITION,
            _RESULT,
            _PARAMETERS,
            _ARGUMENTS,
            _FAILURES,
            _WITH_RESULT,
            {"Resource": Field(role=Role.RESOURCE, required=True), "Credentials": Field(role=Role.CREDENTIALS)},
            _with_path("TimeoutSeconds", _integer(1, takes_jsonata=True)),
            _with_path("HeartbeatSeconds", _integer(1, takes_jsonata=True)),
        ),
        "Pass": _table(
            _COMMON,
            _DATA,
            _TRANSITION,
            _PARAMETERS,
            {"Result": Field(role=Role.LITERAL, language=_JSONPATH), "ResultPath": _RESULT_PATH},
        ),
        "Choice": _table(
            _COMMON,
            _DATA,
            {"Choices": Field(role=Role.CHOICES, required=True), "Default": _STATE_NAME, "Assign": _ASSIGN},
        ),
        "Wait": _table(
            _COMMON,
            _DATA,
            _TRANSITION,
            _with_path("Seconds", _integer(0, takes_jsonata=True)),
            _with_path("Timestamp", Field(role=Role.TIMESTAMP)),
        ),
        "Succeed": _table(_COMMON, _DATA),
        "Fail": _table(
            _COMMON,
            _with_path("Error", Field(role=Role.TEXT_OR_EXPRESSION), path=_ERROR_PATH),
            _with_path("Cause", Field(role=Role.TEXT_OR_EXPRESSION), path=_ERROR_PATH),
        ),
        "Parallel": _table(
            _COMMON,
            _DATA,
            _TRANSITION,
            _RESULT,
            _PARAMETERS,
            _ARGUMENTS,
            _FAILURES,
            _WITH_RESULT,
            {"Branches": Field(role=Role.BRANCHES, required=True)},
        ),
        "Map": _table(
            _COMMON,
            _DATA,
            _TRANSITION,
            _RESULT,
            _FAILURES,
            _WITH_RESULT,
            _DISTRIBUTED,
            {
                "ItemProcessor": Field(role=Role.PROCESSOR, twin="Iterator"),
                "Iterator": Field(role=Role.PROCESSOR, twin="ItemProcessor"),
                "ItemSelector": replace(_TEMPLATE, twin="Parameters"),
                "Parameters": replace(_JSONPATH_TEMPLATE, twin="ItemSelector"),
                "ItemsPath": _PLAIN_PATH,
                "Items": Field(role=Role.ITEMS, language=_JSONATA),
            },
            _with_path("MaxConcurrency", _integer(0, None, takes_jsonata=True)),
        ),
    }
)
"""State type -> its fields. Source: Amazon States Language, "State Types"; Step Functions Developer Guide."""

_RULE_BODY: Final = {
    "Comment": _COMMENT,
    "Variable": _PLAIN_PATH,
    "And": Field(role=Role.RULES, language=_JSONPATH),
    "Or": Field(role=Role.RULES, language=_JSONPATH),
    "Not": Field(role=Role.RULE, language=_JSONPATH),
}

TYPE_TESTS: Final = ("IsBoolean", "IsNull", "IsNumeric", "IsPresent", "IsString", "IsTimestamp")
_ORDERINGS: Final = ("Equals", "LessThan", "GreaterThan", "LessThanEquals", "GreaterThanEquals")


def _operators() -> dict[str, str]:
    """Comparison operator -> JSON type of its literal operand ("timestamp" is a string that is one)."""
    operands = {
        f"{prefix}{ordering}": operand
        for prefix, operand in (("String", "string"), ("Numeric", "number"), ("Timestamp", "timestamp"))
        for ordering in _ORDERINGS
    }
    operands["BooleanEquals"] = "boolean"
    operands |= {f"{name}Path": "path" for name in operands}
    operands["StringMatches"] = "string"
    return operands | dict.fromkeys(TYPE_TESTS, "boolean")


OPERATORS: Final[Mapping[str, str]] = MappingProxyType(_operators())
"""The 39 comparison operators. Source: Amazon States Language, "Choice State"."""

_OPERATOR_FIELDS: Final = {name: Field(role=Role.OPERAND, language=_JSONPATH) for name in OPERATORS}

CHOICE_RULE: Final = _table(
    _RULE_BODY,
    _OPERATOR_FIELDS,
    {
        "Next": Field(role=Role.STATE_NAME, required=True),
        "Condition": Field(role=Role.CONDITION, language=_JSONATA, required=True),
        "Assign": _ASSIGN,
        "Output": _JSONATA_TEMPLATE,
    },
)
NESTED_RULE: Final = _table(_RULE_BODY, _OPERATOR_FIELDS)

REPLACEMENTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "InputPath": 'JSONata needs no InputPath: use $states.input in "Arguments" or "Output".',
        "OutputPath": 'Use "Output".',
        "Parameters": 'Use "Arguments" (Task, Parallel), "Output" (Pass) or "ItemSelector" (Map).',
        "ResultSelector": 'Use "Output" with $states.result.',
        "ResultPath": 'Use "Output", for example {% $merge([$states.input, $states.result]) %}.',
        "Result": 'Use "Output".',
        "ItemsPath": 'Use "Items".',
        "Variable": 'Use "Condition".',
        "Arguments": 'Use "Parameters".',
        "Output": 'Use "ResultSelector", "ResultPath" and "OutputPath".',
        "Items": 'Use "ItemsPath".',
        "Condition": 'Use "Variable" with a comparison operator.',
    }
)
"""What to use instead of a field that belongs to the other query language."""


def replacement(name: str) -> str:
    """What to use instead of ``name`` in the other query language; an empty string where nothing is known."""
    if name in OPERATORS or name in ("And", "Or", "Not"):
        return 'Use "Condition".'
    if name.endswith("Path") and name not in REPLACEMENTS:
        return f'Use "{name.removesuffix("Path")}" with a JSONata string.'
    return REPLACEMENTS.get(name, "")
