"""The error names that the language reserves; it knows nothing of when each is raised.

Source: Amazon States Language, "Errors"; Step Functions developer guide, "Handling errors in Step Functions workflows".
"""

from typing import Final

ALL: Final = "States.ALL"
"""Wildcard for every error but ``States.Runtime``."""

TASK_FAILED: Final = "States.TaskFailed"
"""Wildcard for every error but ``States.Runtime`` and timeouts; also an error of its own."""

BRANCH_FAILED: Final = "States.BranchFailed"
DATA_LIMIT_EXCEEDED: Final = "States.DataLimitExceeded"
EXCEED_TOLERATED_FAILURE_THRESHOLD: Final = "States.ExceedToleratedFailureThreshold"
HEARTBEAT_TIMEOUT: Final = "States.HeartbeatTimeout"
HTTP_SOCKET: Final = "States.Http.Socket"
INTRINSIC_FAILURE: Final = "States.IntrinsicFailure"
ITEM_READER_FAILED: Final = "States.ItemReaderFailed"
NO_CHOICE_MATCHED: Final = "States.NoChoiceMatched"
PARAMETER_PATH_FAILURE: Final = "States.ParameterPathFailure"
PERMISSIONS: Final = "States.Permissions"
QUERY_EVALUATION_ERROR: Final = "States.QueryEvaluationError"
RESULT_PATH_MATCH_FAILURE: Final = "States.ResultPathMatchFailure"
RESULT_WRITER_FAILED: Final = "States.ResultWriterFailed"
RUNTIME: Final = "States.Runtime"
TIMEOUT: Final = "States.Timeout"

RESERVED_PREFIX: Final = "States."
"""Error names of users may not begin so."""

RESERVED_ERROR_NAMES: Final = frozenset(
    {
        ALL,
        BRANCH_FAILED,
        DATA_LIMIT_EXCEEDED,
        EXCEED_TOLERATED_FAILURE_THRESHOLD,
        HEARTBEAT_TIMEOUT,
        HTTP_SOCKET,
        INTRINSIC_FAILURE,
        ITEM_READER_FAILED,
        NO_CHOICE_MATCHED,
        PARAMETER_PATH_FAILURE,
        PERMISSIONS,
        QUERY_EVALUATION_ERROR,
        RESULT_PATH_MATCH_FAILURE,
        RESULT_WRITER_FAILED,
        RUNTIME,
        TASK_FAILED,
        TIMEOUT,
    }
)
"""Every name that AWS documents, wildcards included."""
