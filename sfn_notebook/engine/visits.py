"""What happened in each visit of a state, as plain records for views and for people; it decides nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from sfn_notebook._json import ABSENT, Absent, JSONValue


class VisitStatus(StrEnum):
    """Where a visit stands. ``CAUGHT``: the state failed and a Catcher took the error."""

    RUNNING = "RUNNING"
    RETRYING = "RETRYING"
    SUCCEEDED = "SUCCEEDED"
    CAUGHT = "CAUGHT"
    FAILED = "FAILED"
    ABORTED = "ABORTED"

    # An enumeration hashes its members in Python: views count thousands of visits by their status.
    __hash__ = str.__hash__


@dataclass(slots=True)
class Attempt:
    """One try of a Task, Parallel or Map. Seconds are modelled, since the epoch of the clock (UTC)."""

    started_seconds: float
    parameters: JSONValue | Absent = ABSENT
    ended_seconds: float | None = None
    result: JSONValue | Absent = ABSENT
    error: str | None = None
    cause: str | None = None
    retry_delay_seconds: float | None = None


@dataclass(slots=True)
class Visit:
    """One stay in a state, from its StateEntered to its StateExited event.

    ``id`` is the id of the StateEntered event; ``pointer`` identifies the state in its definition; ``iteration`` holds
    the index within each enclosing Parallel (branch) or Map (item), outermost first; ``variables`` are those that the
    state saw, ``assigned`` those that it assigned. The ``after_...`` fields hold the payload after a stage that the
    state has; a Task's, Parallel's or Map's parameters and result stand in its attempts. All of these are the payloads
    themselves, not copies: do not change them.
    """

    id: int
    pointer: str
    name: str
    type_name: str
    iteration: tuple[int, ...]
    entered_seconds: float
    input: JSONValue
    variables: Mapping[str, JSONValue] = field(default_factory=dict)
    status: VisitStatus = VisitStatus.RUNNING
    exited_seconds: float | None = None
    output: JSONValue | Absent = ABSENT
    error: str | None = None
    cause: str | None = None
    next_state: str | None = None
    attempts: tuple[Attempt, ...] = ()
    assigned: Mapping[str, JSONValue] | None = None
    after_input_path: JSONValue | Absent = ABSENT
    after_parameters: JSONValue | Absent = ABSENT
    after_result_selector: JSONValue | Absent = ABSENT
    after_result_path: JSONValue | Absent = ABSENT
