"""Refusals of the Lambda API as exceptions with AWS's codes, statuses and texts; it decides nothing.

Source: Lambda API reference, Invoke, "Errors"; recorded calls.
"""

from typing import ClassVar

from sfn_notebook.errors import SfnNotebookError


class LambdaServiceError(SfnNotebookError):
    """A call that Lambda refuses: no function ran. The class's name is the API's error code."""

    status_code: ClassVar[int] = 400

    @property
    def code(self) -> str:
        """The error code of the API, such as ``TooManyRequestsException``."""
        return type(self).__name__


class ResourceNotFoundException(LambdaServiceError):  # noqa: N818 - AWS's name for it
    """A function, version or alias that does not exist."""

    status_code = 404


class ProvisionedConcurrencyConfigNotFoundException(LambdaServiceError):  # noqa: N818 - as above
    """A version or alias for which no environments are started ahead."""

    status_code = 404


class TooManyRequestsException(LambdaServiceError):  # noqa: N818 - as above
    """A throttled call: no environment was free and none could be started. ``reason`` says which limit it was."""

    status_code = 429

    def __init__(self, reason: str) -> None:
        super().__init__("Rate Exceeded.")
        self.reason = reason


class RequestTooLargeException(LambdaServiceError):  # noqa: N818 - as above
    """A payload beyond the limit of its invocation type."""

    status_code = 413


class InvalidRequestContentException(LambdaServiceError):  # noqa: N818 - as above
    """A body that is not JSON."""


class InvalidParameterValueException(LambdaServiceError):  # noqa: N818 - as above
    """A parameter that Lambda does not take."""


class ResourceConflictException(LambdaServiceError):  # noqa: N818 - as above
    """A name that is taken, or a resource that something else still uses."""

    status_code = 409


class RecursiveInvocationException(LambdaServiceError):  # noqa: N818 - as above
    """A function that invokes itself again and again, directly or through others."""
