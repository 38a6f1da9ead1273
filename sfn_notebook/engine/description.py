"""An execution as DescribeExecution and StartSyncExecution tell of it; it runs nothing.

Source: recorded answers of both for the fields and their texts.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from sfn_notebook._json import JSONObject
from sfn_notebook.asl.timestamps import LAST_SECONDS
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
        described |= redrive_facts(execution.status, is_child=execution.parent is not None)
    return described


_FINAL: Final = frozenset({ExecutionStatus.SUCCEEDED, ExecutionStatus.RUNNING})


def redrive_facts(status: ExecutionStatus, *, is_child: bool = False) -> Mapping[str, int | str]:
    """Whether AWS would redrive an execution of this status; a child of a Map Run only with its run."""
    if status in _FINAL:
        reason = f"Execution is {status.value} and cannot be redriven"
        return {"redriveCount": 0, "redriveStatus": "NOT_REDRIVABLE", "redriveStatusReason": reason}
    return {"redriveCount": 0, "redriveStatus": "REDRIVABLE_BY_MAP_RUN" if is_child else "REDRIVABLE"}


def _iso(at_seconds: float) -> str:
    return datetime.fromtimestamp(min(at_seconds, LAST_SECONDS), UTC).isoformat(timespec="milliseconds")
