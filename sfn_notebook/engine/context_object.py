"""The Context Object (``$$``) of a state's visit, made when somebody reads it; it knows no expression."""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from sfn_notebook._json import ABSENT, Absent, JSONObject, JSONValue
from sfn_notebook.asl.compile import RetryableState
from sfn_notebook.asl.timestamps import format_timestamp
from sfn_notebook.runtime.ids import DEFAULT_ACCOUNT, Account, IdSource

if TYPE_CHECKING:
    from sfn_notebook.engine.frames import Frame


@dataclass(frozen=True, kw_only=True, slots=True)
class MachineIdentity:
    """What an execution knows of its state machine besides the definition; made once per machine."""

    name: str
    arn: str
    role_arn: str
    type: str = "STANDARD"
    account: Account = DEFAULT_ACCOUNT


class ExecutionHeader(NamedTuple):
    """What an execution is besides its definition and its log: names, input and seed.

    A named tuple, for it is made for every execution, and a frozen dataclass takes three times as long.
    ``is_asynchronous`` tells of an EXPRESS execution that StartExecution began it, and not StartSyncExecution.
    """

    name: str
    machine: MachineIdentity
    input: JSONValue
    seed: int = 0
    is_asynchronous: bool = False

    @property
    def arn(self) -> str:
        """The execution's ARN; that of an EXPRESS one ends in an id, which the seed repeats."""
        machine = self.machine
        if machine.type == "EXPRESS":
            run_id = IdSource(f"{machine.name}/{self.name}/{self.seed}/arn").uuid()
            return machine.account.express_arn(machine.name, self.name, run_id)
        return machine.account.execution_arn(machine.name, self.name)


class FrameEnvironment:
    """The ``Environment`` of whichever frame is evaluated; one per interpreter, so that nothing is made per state."""

    __slots__ = (
        "_constant_parts",
        "_header",
        "_random",
        "error_output",
        "frame",
        "now_seconds",
        "result",
        "started_seconds",
    )

    def __init__(self, header: ExecutionHeader) -> None:
        self._header = header
        self._random: Random | None = None
        self.frame: Frame | None = None
        self.started_seconds = 0.0
        self.now_seconds = 0.0
        self.result: JSONValue | Absent = ABSENT
        self.error_output: JSONObject | None = None
        self._constant_parts: JSONObject | None = None

    def _parts_of(self, header: ExecutionHeader) -> JSONObject:
        """What stays the same in every state; made once."""
        execution: JSONObject = {
            "Id": header.arn,
            "Input": header.input,
            "StartTime": format_timestamp(self.started_seconds),
            "Name": header.name,
            "RoleArn": header.machine.role_arn,
        }
        # Recorded: it is missing where StartSyncExecution began the execution, and nowhere else.
        if header.machine.type != "EXPRESS" or header.is_asynchronous:
            execution["RedriveCount"] = 0
        return {
            "Execution": execution,
            "StateMachine": {"Id": header.machine.arn, "Name": header.machine.name},
        }

    def note_redrive(self, redrive_count: int, at_seconds: float) -> None:
        """What a redriven execution is told of it."""
        parts = self._constant_parts or self._parts_of(self._header)
        told = {"RedriveCount": redrive_count, "RedriveTime": format_timestamp(at_seconds)}
        self._constant_parts = {**parts, "Execution": {**parts["Execution"], **told}}

    @property
    def variables(self) -> Mapping[str, JSONValue]:
        """The variables of the branch."""
        return {} if self.frame is None else self.frame.variables

    @property
    def states(self) -> JSONObject:
        """``$states``. Source: developer guide, "Transforming data with JSONata", the table of ``$states``."""
        states: JSONObject = {
            "input": None if self.frame is None else self.frame.input,
            "context": self.context_object,
        }
        if self.result is not ABSENT:
            states["result"] = self.result
        if self.error_output is not None:
            states["errorOutput"] = self.error_output
        return states

    @property
    def random(self) -> Random:
        """The execution's seeded generator, made when first needed: most executions draw nothing."""
        if self._random is None:
            self._random = Random(self._header.seed)  # noqa: S311 - jitter must repeat for a seed; nothing is secret
        return self._random

    @property
    def context_object(self) -> JSONObject:
        """The Context Object as recorded on AWS. Source: developer guide, "Accessing the Context object"."""
        if self._constant_parts is None:
            self._constant_parts = self._parts_of(self._header)
        context_object = self._constant_parts.copy()
        if (frame := self.frame) is not None:
            state: JSONObject = {"Name": frame.state.name, "EnteredTime": format_timestamp(frame.entered_seconds)}
            if isinstance(frame.state, RetryableState):
                state["RetryCount"] = frame.retry_count
            context_object["State"] = state
            if frame.task_token is not None:
                context_object["Task"] = {"Token": frame.task_token}
            if (item := _item_of(frame)) is not None:
                context_object["Map"] = {"Item": item}
        return context_object


def _item_of(frame: "Frame") -> JSONObject | None:
    """Index and value of the nearest enclosing Map's item; branches of a Parallel inside it see it too."""
    current: Frame | None = frame
    while current is not None:
        if current.item is not ABSENT:
            return {"Index": current.item_index, "Value": current.item}
        current = current.parent.owner if current.parent is not None else None
    return None
