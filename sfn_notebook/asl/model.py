"""The language as frozen data: one class per notion of the specification; nothing of text, time or evaluation.

A JSON field becomes its snake_case name; ``Next`` is ``next_state``. A path is kept as text (``None`` stands for JSON
``null``, which discards). ``ABSENT`` marks a template that was not written, since ``null`` is a template too.
``pointer`` is the JSON pointer of a state in its definition and identifies it uniquely.
Source: Amazon States Language, sections "Structure of a State Machine" and "State Types".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar, TypeAlias

from sfn_notebook._json import ABSENT, Absent, JSONValue

Template: TypeAlias = JSONValue | Absent


class QueryLanguage(StrEnum):
    """How expressions of a machine or of a state are written."""

    JSONPATH = "JSONPath"
    JSONATA = "JSONata"


class JitterStrategy(StrEnum):
    """Whether a back-off is drawn at random."""

    NONE = "NONE"
    FULL = "FULL"


class ProcessorMode(StrEnum):
    """Where a Map's iterations run."""

    INLINE = "INLINE"
    DISTRIBUTED = "DISTRIBUTED"


@dataclass(frozen=True, kw_only=True, slots=True)
class Retrier:
    """One entry of ``Retry``. Under JSONPath all numbers are literal."""

    error_equals: tuple[str, ...]
    interval_seconds: int = 1
    max_attempts: int = 3
    backoff_rate: float = 2.0
    max_delay_seconds: int | None = None
    jitter_strategy: JitterStrategy = JitterStrategy.NONE


@dataclass(frozen=True, kw_only=True, slots=True)
class Catcher:
    """One entry of ``Catch``; ``result_path`` ``None`` discards the Error Output."""

    error_equals: tuple[str, ...]
    next_state: str
    result_path: str | None = "$"
    output: Template = ABSENT
    assign: Template = ABSENT


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """A data-test expression: ``{"Variable": "$.x", "NumericEqualsPath": "$.y"}``.

    ``operator`` is the field name without a trailing ``Path``; ``operand_is_path`` tells whether it had one.
    """

    variable: str
    operator: str
    operand: JSONValue
    operand_is_path: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class And:
    """All of ``conditions`` hold."""

    conditions: tuple["Condition", ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Or:
    """One of ``conditions`` holds."""

    conditions: tuple["Condition", ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Not:
    """``condition`` does not hold."""

    condition: "Condition"


@dataclass(frozen=True, kw_only=True, slots=True)
class JsonataCondition:
    """``Condition``: a JSONata string, or a literal boolean."""

    expression: str | bool


Condition: TypeAlias = Comparison | And | Or | Not | JsonataCondition


@dataclass(frozen=True, kw_only=True, slots=True)
class ChoiceRule:
    """One entry of ``Choices``."""

    condition: Condition
    next_state: str
    comment: str = ""
    output: Template = ABSENT
    assign: Template = ABSENT


@dataclass(frozen=True, kw_only=True, slots=True)
class StateBase:
    """What every state has. ``output`` and ``assign`` belong to JSONata and variables."""

    type_name: ClassVar[str] = ""

    name: str
    pointer: str
    comment: str = ""
    query_language: QueryLanguage = QueryLanguage.JSONPATH
    input_path: str | None = "$"
    output_path: str | None = "$"
    output: Template = ABSENT
    assign: Template = ABSENT


@dataclass(frozen=True, kw_only=True, slots=True)
class TransitionState(StateBase):
    """A state with ``Next`` or ``End``; ``next_state`` is ``None`` exactly when it ends its branch."""

    next_state: str | None = None

    @property
    def is_terminal(self) -> bool:
        """Whether the branch ends after this state."""
        return self.next_state is None


@dataclass(frozen=True, kw_only=True, slots=True)
class PassState(TransitionState):
    """Passes its input on, or a literal ``Result``."""

    type_name: ClassVar[str] = "Pass"

    parameters: Template = ABSENT
    result: Template = ABSENT
    result_path: str | None = "$"


@dataclass(frozen=True, kw_only=True, slots=True)
class TaskState(TransitionState):
    """Does one unit of work through ``Resource``. A JSONata string may stand for the two numbers."""

    type_name: ClassVar[str] = "Task"

    resource: str
    parameters: Template = ABSENT
    arguments: Template = ABSENT
    result_selector: Template = ABSENT
    result_path: str | None = "$"
    retry: tuple[Retrier, ...] = ()
    catch: tuple[Catcher, ...] = ()
    timeout_seconds: int | str | None = None
    timeout_seconds_path: str | None = None
    heartbeat_seconds: int | str | None = None
    heartbeat_seconds_path: str | None = None
    credentials: Template = ABSENT


@dataclass(frozen=True, kw_only=True, slots=True)
class ChoiceState(StateBase):
    """Goes to the first rule that holds, else to ``default``."""

    type_name: ClassVar[str] = "Choice"

    choices: tuple[ChoiceRule, ...]
    default: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class WaitState(TransitionState):
    """Waits; exactly one of the four fields is set."""

    type_name: ClassVar[str] = "Wait"

    seconds: int | str | None = None
    seconds_path: str | None = None
    timestamp: str | None = None
    timestamp_path: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class SucceedState(StateBase):
    """Ends its branch well."""

    type_name: ClassVar[str] = "Succeed"


@dataclass(frozen=True, kw_only=True, slots=True)
class FailState(StateBase):
    """Ends the execution (or is caught by an enclosing Parallel or Map)."""

    type_name: ClassVar[str] = "Fail"

    error: str | None = None
    error_path: str | None = None
    cause: str | None = None
    cause_path: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Branch:
    """A state machine within another: a Parallel's branch, or the base of an Item Processor and of a Definition."""

    start_at: str
    states: Mapping[str, "State"]
    pointer: str = ""
    comment: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ItemProcessor(Branch):
    """What a Map runs for each item; ``Iterator`` is its older name."""

    mode: ProcessorMode = ProcessorMode.INLINE
    execution_type: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ParallelState(TransitionState):
    """Runs its branches side by side on the same input."""

    type_name: ClassVar[str] = "Parallel"

    branches: tuple[Branch, ...]
    parameters: Template = ABSENT
    arguments: Template = ABSENT
    result_selector: Template = ABSENT
    result_path: str | None = "$"
    retry: tuple[Retrier, ...] = ()
    catch: tuple[Catcher, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class MapState(TransitionState):
    """Runs its Item Processor for each item.

    ``item_selector`` also holds the older ``Parameters`` of a Map. The fields from ``item_reader`` on belong to a
    Distributed Map and are kept as they were written.
    """

    type_name: ClassVar[str] = "Map"

    item_processor: ItemProcessor
    items_path: str = "$"
    items: Template = ABSENT
    item_selector: Template = ABSENT
    max_concurrency: int | str = 0
    max_concurrency_path: str | None = None
    result_selector: Template = ABSENT
    result_path: str | None = "$"
    retry: tuple[Retrier, ...] = ()
    catch: tuple[Catcher, ...] = ()
    item_reader: Template = ABSENT
    item_batcher: Template = ABSENT
    result_writer: Template = ABSENT
    label: str | None = None
    tolerated_failure_count: int | str | None = None
    tolerated_failure_count_path: str | None = None
    tolerated_failure_percentage: float | str | None = None
    tolerated_failure_percentage_path: str | None = None


State: TypeAlias = PassState | TaskState | ChoiceState | WaitState | SucceedState | FailState | ParallelState | MapState


@dataclass(frozen=True, kw_only=True, slots=True)
class Definition(Branch):
    """A whole state machine as written: the root branch and what only a root may say."""

    version: str = "1.0"
    query_language: QueryLanguage = QueryLanguage.JSONPATH
    timeout_seconds: int | None = None
    raw: JSONValue = field(default=None, repr=False, compare=False)
