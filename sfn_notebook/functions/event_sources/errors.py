"""Refusals of event sources with AWS's error codes; it decides nothing."""

from sfn_notebook.errors import SfnNotebookError


class EventSourceError(SfnNotebookError):
    """A rule, a schedule or an event source mapping that AWS would refuse. The class's name is the API's error code."""

    @property
    def code(self) -> str:
        """The error code of the API, such as ``InvalidEventPatternException``."""
        return type(self).__name__


class InvalidEventPatternException(EventSourceError):  # noqa: N818 - AWS's name for it
    """An event pattern that EventBridge cannot read; ``pointer`` is the JSON pointer of what is wrong in it."""

    def __init__(self, reason: str, *, pointer: str = "", hint: str = "") -> None:
        self.reason = reason
        self.pointer = pointer
        place = f" ({pointer})" if pointer else ""
        super().__init__(f"Event pattern is not valid. Reason: {reason}{place}", hint=hint)


class ValidationException(EventSourceError):  # noqa: N818 - as above
    """A schedule, an entry or a parameter that the service does not take."""
