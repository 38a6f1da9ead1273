"""An execution as DescribeExecution and StartSyncExecution tell of it; it runs nothing.

Source: recorded answers of both for the fields and their texts.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from sfn_notebook._json import JSONObject
from sfn_notebook.asl.timestamps import LAST_SECONDS
from sfn_notebook.engine.quotas import MAX_HISTORY_EVENTS
from sfn_notebook.engine.status import ExecutionStatus
from sfn_notebook.errors import InvalidInput

if TYPE_CHECKING:
    from sfn_notebook.engine.execution import Execution

ALL_DATA: Final = "ALL_DATA"
METADATA_ONLY: Final = "METADATA_ONLY"
INCLUDED_DATA: Final = (ALL_DATA, METADATA_ONLY)


def describe(execution: "Execution", included_data: str = ALL_DATA) -> JSONObject:
    """What DescribeExecution returns; payloads are values, instants ISO 8601 text in UTC.

    Args:
        execution: Running or ended.
        included_data: ``METADATA_ONLY`` leaves out input, output, error and cause.

    Raises:
        InvalidInput: If ``included_data`` is none of the two words.
    """
    if included_data not in INCLUDED_DATA:
        raise InvalidInput(f"no included data {included_data!r}.", hint=f"Use {' or '.join(INCLUDED_DATA)}.")
    is_included = included_data == ALL_DATA
    described: JSONObject = {
        "executionArn": execution.arn,
        "stateMachineArn": execution.header.machine.arn,
        "name": execution.name,
        "status": execution.status.value,
        "startDate": _iso(execution.started_seconds),
    }
    if execution.ended_seconds is not None:
        described["stopDate"] = _iso(execution.ended_seconds)
    if is_included:
        described["input"] = execution.input
    described["inputDetails"] = {"included": is_included}
    if execution.status is ExecutionStatus.SUCCEEDED:
        if is_included:
            described["output"] = execution.output
        described["outputDetails"] = {"included": is_included}
    if is_included:
        failure = {"error": execution.error, "cause": execution.cause}
        described |= {key: text for key, text in failure.items() if text is not None}
    if execution.header.machine.type != "EXPRESS":
        described |= redrive_facts(execution)
    return described


_FINAL: Final = frozenset({ExecutionStatus.SUCCEEDED, ExecutionStatus.RUNNING})
_DAY_SECONDS: Final = 86_400
_REDRIVABLE_SECONDS: Final = 14 * _DAY_SECONDS
_LONGEST_SECONDS: Final = 365 * _DAY_SECONDS


def redrive_facts(execution: "Execution") -> Mapping[str, int | str]:
    """How often an execution was redriven, and whether AWS would do so; a child of a Map Run only with its run."""
    count, redriven_seconds = execution.redrives
    facts: dict[str, int | str] = {"redriveCount": count}
    if redriven_seconds is not None:
        facts["redriveDate"] = _iso(redriven_seconds)
    refusal = redrive_refusal(execution)
    if refusal is not None:
        return facts | {"redriveStatus": "NOT_REDRIVABLE", "redriveStatusReason": refusal}
    return facts | {"redriveStatus": "REDRIVABLE" if execution.parent is None else "REDRIVABLE_BY_MAP_RUN"}


def redrive_refusal(execution: "Execution") -> str | None:
    """Why a STANDARD execution cannot be redriven, in AWS's words; ``None`` if it can."""
    now_seconds, ended_seconds = execution.now_seconds, execution.ended_seconds
    if execution.status in _FINAL or ended_seconds is None:
        return f"Execution is {execution.status.value} and cannot be redriven"
    if len(execution.events) >= MAX_HISTORY_EVENTS - 1:
        return "Execution history event limit exceeded"
    if now_seconds - ended_seconds > _REDRIVABLE_SECONDS:
        return "Execution redrivable period exceeded"
    if now_seconds - execution.started_seconds > _LONGEST_SECONDS:
        return "Execution has exceeded the max execution time"
    return None


def _iso(at_seconds: float) -> str:
    return datetime.fromtimestamp(min(at_seconds, LAST_SECONDS), UTC).isoformat(timespec="milliseconds")
