"""What a machine's executions log, and the log group that they log to; the shape of a log event is the engine's.

Source: Step Functions API reference, LoggingConfiguration; CloudWatch Logs API reference, PutLogEvents.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from sfn_notebook import _json
from sfn_notebook._json import JSONObject
from sfn_notebook.engine.execution import Execution
from sfn_notebook.engine.log_events import LEVELS, log_events_of
from sfn_notebook.engine.visits import Visit
from sfn_notebook.errors import InvalidInput
from sfn_notebook.runtime.clock import ScaledClock

if TYPE_CHECKING:
    from sfn_notebook.workspace.workspace import Workspace

OFF: Final = "OFF"
_MAX_BATCH: Final = 1000
"""How many events one call puts; CloudWatch Logs takes ten times as many small ones."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LoggingConfiguration:
    """A ``loggingConfiguration``; ``log_group`` is the name of the group, if one is given."""

    level: str = OFF
    include_execution_data: bool = False
    log_group: str | None = None

    @classmethod
    def from_request(cls, request: Mapping[str, Any] | None) -> "LoggingConfiguration":
        """Read AWS's shape: ``level``, ``includeExecutionData`` and ``destinations``.

        Raises:
            InvalidInput: For another level, or a destination that names no log group.
        """
        given = request or {}
        level = given.get("level") or OFF
        if level not in LEVELS:
            raise InvalidInput(f"no log level {level!r}.", hint=f"Use {', '.join(LEVELS)}.")
        destinations = given.get("destinations") or []
        groups = [_group_of(destination) for destination in destinations]
        return cls(
            level=level,
            include_execution_data=bool(given.get("includeExecutionData")),
            log_group=groups[0] if groups else None,
        )


def _group_of(destination: Mapping[str, Any]) -> str:
    arn: str = (destination.get("cloudWatchLogsLogGroup") or {}).get("logGroupArn", "")
    _, mark, name = arn.partition(":log-group:")
    if not mark or not name:
        hint = 'Write {"cloudWatchLogsLogGroup": {"logGroupArn": "arn:aws:logs:REGION:ACCOUNT:log-group:NAME:*"}}.'
        raise InvalidInput(f"{arn!r} is no ARN of a log group.", hint=hint)
    return name.removesuffix(":*")


class LogWriter:
    """Puts an execution's log events in the log group of its machine, when it ends and when it waits.

    The log event carries the modelled time; CloudWatch Logs, which takes no events of another year, the real one.
    """

    def __init__(self, workspace: "Workspace", logging: LoggingConfiguration) -> None:
        self._workspace = workspace
        self._logging = logging
        self._written = 0

    def on_transition(self, execution: Execution, changes: Sequence[Visit]) -> None:
        """Nothing: events are put together."""

    def on_end(self, execution: Execution) -> None:
        """Put what was not put before; where the group is gone, nothing is, and the execution does not mind."""
        events = log_events_of(
            execution.events,
            execution_arn=execution.arn,
            level=self._logging.level,
            include_execution_data=self._logging.include_execution_data,
        )
        fresh = [event for event in events if int(event["id"]) > self._written]
        self._written = len(execution.events)
        if fresh:
            self._put(execution, fresh)

    def _put(self, execution: Execution, events: list[JSONObject]) -> None:
        client = self._workspace.client("logs")
        stream = {"logGroupName": self._logging.log_group, "logStreamName": _stream_of(execution)}
        now_milliseconds = int(ScaledClock().now() * 1000)
        try:
            with suppress(client.exceptions.ResourceAlreadyExistsException):
                client.create_log_stream(**stream)
            for start in range(0, len(events), _MAX_BATCH):
                batch = events[start : start + _MAX_BATCH]
                told = [{"timestamp": now_milliseconds, "message": _json.dump(event)} for event in batch]
                client.put_log_events(**stream, logEvents=told)
        except client.exceptions.ResourceNotFoundException:
            return


def _stream_of(execution: Execution) -> str:
    """The name of the stream, as AWS forms it: machine, minute and eight digits."""
    minute = datetime.fromtimestamp(execution.started_seconds, UTC).strftime("%Y-%m-%d-%H-%M")
    return f"states/{execution.machine_name}/{minute}/{sha256(execution.arn.encode()).hexdigest()[:8]}"
