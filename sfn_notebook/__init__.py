"""AWS Step Functions state machines in Jupyter cells, run in the kernel, live.

``%load_ext sfn_notebook`` in a notebook; in a script ``from sfn_notebook import StateMachine, lambda_function``. Names
are imported when they are first used, so that the import itself stays light.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from sfn_notebook.engine.breakpoints import Breakpoint
    from sfn_notebook.engine.execution import Execution
    from sfn_notebook.errors import (
        DefinitionError,
        ExecutionAborted,
        ExecutionFailed,
        ExecutionStalled,
        ExecutionTimedOut,
        ExpressionSyntaxError,
        FeatureNotSupported,
        InternalError,
        InvalidInput,
        Problem,
        ResourceNotBound,
        SfnNotebookError,
        TaskTokenError,
        UnknownName,
    )
    from sfn_notebook.functions.lambda_errors import (
        InvalidParameterValueException,
        InvalidRequestContentException,
        LambdaServiceError,
        ProvisionedConcurrencyConfigNotFoundException,
        RecursiveInvocationException,
        RequestTooLargeException,
        ResourceConflictException,
        ResourceNotFoundException,
        TooManyRequestsException,
    )
    from sfn_notebook.functions.registry import lambda_function
    from sfn_notebook.widgets.export import export
    from sfn_notebook.workspace import StateMachine, Workspace, current_workspace
    from sfn_notebook.workspace.mock_config import MockConfig
    from sfn_notebook.workspace.service_errors import ServiceError

__all__ = [
    "Breakpoint",
    "DefinitionError",
    "Execution",
    "ExecutionAborted",
    "ExecutionFailed",
    "ExecutionStalled",
    "ExecutionTimedOut",
    "ExpressionSyntaxError",
    "FeatureNotSupported",
    "InternalError",
    "InvalidInput",
    "InvalidParameterValueException",
    "InvalidRequestContentException",
    "LambdaServiceError",
    "MockConfig",
    "Problem",
    "ProvisionedConcurrencyConfigNotFoundException",
    "RecursiveInvocationException",
    "RequestTooLargeException",
    "ResourceConflictException",
    "ResourceNotBound",
    "ResourceNotFoundException",
    "ServiceError",
    "SfnNotebookError",
    "StateMachine",
    "TaskTokenError",
    "TooManyRequestsException",
    "UnknownName",
    "Workspace",
    "current_workspace",
    "export",
    "lambda_function",
    "load_ipython_extension",
    "unload_ipython_extension",
]

_HOMES: Final = {
    "Breakpoint": "sfn_notebook.engine.breakpoints",
    "Execution": "sfn_notebook.engine.execution",
    "MockConfig": "sfn_notebook.workspace.mock_config",
    "ServiceError": "sfn_notebook.workspace.service_errors",
    "StateMachine": "sfn_notebook.workspace",
    "Workspace": "sfn_notebook.workspace",
    "current_workspace": "sfn_notebook.workspace",
    "export": "sfn_notebook.widgets.export",
    "lambda_function": "sfn_notebook.functions.registry",
    **dict.fromkeys(
        (
            *("DefinitionError", "ExecutionAborted", "ExecutionFailed", "ExecutionStalled", "ExecutionTimedOut"),
            *("ExpressionSyntaxError", "FeatureNotSupported", "InternalError", "InvalidInput", "Problem"),
            *("ResourceNotBound", "SfnNotebookError", "TaskTokenError", "UnknownName"),
        ),
        "sfn_notebook.errors",
    ),
    **dict.fromkeys(
        (
            *("InvalidParameterValueException", "InvalidRequestContentException", "LambdaServiceError"),
            *("ProvisionedConcurrencyConfigNotFoundException", "RecursiveInvocationException"),
            *("RequestTooLargeException", "ResourceConflictException"),
            *("ResourceNotFoundException", "TooManyRequestsException"),
        ),
        "sfn_notebook.functions.lambda_errors",
    ),
}
"""Where each exported name lives."""


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def load_ipython_extension(ipython: "InteractiveShell") -> None:
    """Add magics, completion and display to a notebook; IPython calls it for ``%load_ext sfn_notebook``."""
    from sfn_notebook.magics.extension import load

    load(ipython)


def unload_ipython_extension(ipython: "InteractiveShell") -> None:
    """Take out what ``load_ipython_extension`` put in; IPython calls it for ``%unload_ext`` and ``%reload_ext``."""
    from sfn_notebook.magics.extension import unload

    unload(ipython)
