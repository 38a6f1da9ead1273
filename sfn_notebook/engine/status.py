"""Where an execution stands and why a timer was set: two closed sets of words, nothing more."""

from enum import StrEnum


class ExecutionStatus(StrEnum):
    """Where an execution stands. Source: DescribeExecution."""

    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    TIMED_OUT = "TIMED_OUT"
    ABORTED = "ABORTED"


class TimerPurpose(StrEnum):
    """Why a timer was set."""

    WAIT = "wait"
    RETRY = "retry"
    TIMEOUT = "timeout"
    HEARTBEAT = "heartbeat"
    EXECUTION = "execution"
