"""Brings a recording up to date with what AWS has answered since, as newer recordings of the same calls show it.

It adds the fields that came later, in every place where a recording has the object that they belong to, and lets the
placeholders of instants stand for numbers too. It looks at no case's name.
"""

from typing import Any

Case = dict[str, Any]

_INSTANTS = ["<start-date>", "<stop-date>", "<date>"]
"""Placeholders that the recorder wrote in the place of numbers."""


def brought_up_to_date(case: Case) -> Case:
    """The same case with what AWS would record today."""
    newer: Case = _updated(case)
    return newer | {"generic_values": [*(case.get("generic_values") or []), *_INSTANTS]}


def _updated(value: Any) -> Any:
    if isinstance(value, list):
        return [_updated(each) for each in value]
    if not isinstance(value, dict):
        return value
    newer = {key: _updated(each) for key, each in value.items()}
    if newer.keys() >= {"definition", "loggingConfiguration", "roleArn", "stateMachineArn"}:
        # Since 2024: DescribeStateMachine and DescribeStateMachineForExecution.
        newer.setdefault("encryptionConfiguration", {"type": "AWS_OWNED_KEY"})
    if newer.keys() >= {"ExecutionArn", "StateMachineArn", "Status", "StopDate", "InputDetails"}:
        # Since November 2023: what a .sync task tells of its execution.
        newer |= _redrive_fields(newer["Status"])
    return newer


def _redrive_fields(status: str) -> dict[str, Any]:
    if status != "SUCCEEDED":
        return {"RedriveCount": 0, "RedriveStatus": "REDRIVABLE"}
    reason = f"Execution is {status} and cannot be redriven"
    return {"RedriveCount": 0, "RedriveStatus": "NOT_REDRIVABLE", "RedriveStatusReason": reason}
