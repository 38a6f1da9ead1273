"""An execution's events as Step Functions writes them to a log; it sends them nowhere.

Source: Step Functions Developer Guide, "Log levels"; recorded log events for their shape.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from sfn_notebook._json import JSONObject
from sfn_notebook.engine.history import Event, history_of
from sfn_notebook.errors import InvalidInput

_FATAL: Final = frozenset({"ExecutionAborted", "ExecutionFailed", "ExecutionTimedOut"})
_ERROR_ENDINGS: Final = ("Failed", "Aborted", "TimedOut")


def _is_error(event_type: str) -> bool:
    return event_type.endswith(_ERROR_ENDINGS) or event_type == "FailStateEntered"


_LOGGED: Final[Mapping[str, Callable[[str], bool]]] = {
    "ALL": lambda _event_type: True,
    "ERROR": _is_error,
    "FATAL": lambda event_type: event_type in _FATAL,
    "OFF": lambda _event_type: False,
}
LEVELS: Final = tuple(_LOGGED)
"""The levels of a ``loggingConfiguration``, the most talkative first."""


def log_events_of(
    events: Sequence[Event], *, execution_arn: str, level: str = "ALL", include_execution_data: bool = True
) -> list[JSONObject]:
    """What stands in the log of an execution.

    Numbers are text there, ``event_timestamp`` in milliseconds since the epoch, and what the history has under a name
    for each type stands under ``details``.

    Args:
        events: The engine's tuples, from the first one on.
        execution_arn: Whose they are.
        level: ``ALL``, ``ERROR``, ``FATAL`` or ``OFF``.
        include_execution_data: Whether payloads are written too; error and cause always are.

    Raises:
        InvalidInput: For another level.
    """
    if level not in _LOGGED:
        raise InvalidInput(f"no log level {level!r}.", hint=f"Use {', '.join(LEVELS)}.")
    is_logged = _LOGGED[level]
    redrive_count, counted = 0, []
    for event in events:
        redrive_count += event[3] == "ExecutionRedriven"
        if is_logged(event[3]):
            counted.append((event, redrive_count))
    shaped = history_of((event for event, _ in counted), include_execution_data=include_execution_data)
    return [
        {
            "id": str(event[0]),
            "type": event[3],
            "details": next((part for name, part in shape.items() if name.endswith("EventDetails")), {}),
            "previous_event_id": str(event[1]),
            "event_timestamp": str(int(event[2] * 1000)),
            "execution_arn": execution_arn,
            "redrive_count": str(count),
        }
        for (event, count), shape in zip(counted, shaped, strict=True)
    ]
