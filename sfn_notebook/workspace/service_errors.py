"""The errors of the Step Functions API as exceptions with AWS's code and text; it decides nothing."""

from sfn_notebook.errors import SfnNotebookError


class ServiceError(SfnNotebookError):
    """A call was refused as AWS refuses it.

    ``code`` is the exception's name in the API, such as ``InvalidDefinition``; ``message`` is AWS's text.
    """

    def __init__(self, code: str, message: str, *, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.code = code

    def __str__(self) -> str:
        return f"{self.code}: {super().__str__()}"


def validation_error(message: str) -> ServiceError:
    """The refusal of a parameter."""
    return ServiceError("ValidationException", message)
