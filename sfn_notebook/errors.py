"""Every exception that this package raises on purpose; standard library only.

The tree::

    SfnNotebookError                  your notebook, your machine: prints as one block, never with our traceback
    ├─ DefinitionError                a definition with problems, all of them at once
    ├─ ExpressionSyntaxError          a path, an intrinsic or a timestamp that cannot be read
    ├─ FeatureNotSupported            part of the language that this version refuses by name
    ├─ InvalidInput                   an execution input, option or argument that cannot be used
    ├─ ResourceNotBound               a Task names a function that the notebook does not have
    ├─ UnknownName                    a machine, function, execution or verb that does not exist
    ├─ ExecutionFailed                from Execution.result(); ExecutionTimedOut, ExecutionAborted
    ├─ TaskTokenError                 a task token that is unknown or spent
    └─ ExecutionStalled               time cannot advance: every branch waits for something outside
    InternalError                     a bug of ours: please report it
"""

import difflib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from types import TracebackType


def nearest(name: str, known: Iterable[str], *, count: int = 3) -> tuple[str, ...]:
    """The known names that are most like ``name``, best first, letter case aside."""
    by_folded = {candidate.casefold(): candidate for candidate in known}
    matches = difflib.get_close_matches(name.casefold(), by_folded, n=count, cutoff=0.55)
    return tuple(by_folded[match] for match in matches)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A sentence that offers the nearest known names, or an empty string."""
    names = nearest(name, known)
    return f"Did you mean {' or '.join(f'{chr(34)}{each}{chr(34)}' for each in names)}?" if names else ""


def readable(text: str) -> str:
    r"""Keep lines; characters that cannot be seen, or reorder their neighbours, become JSON escapes: ``\u202e``."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(each if each.isprintable() or each in "\n\t" else json.dumps(each)[1:-1] for each in text)


class SfnNotebookError(Exception):
    """Something in the notebook must change; the message says what, where and how."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n  {self.hint}" if self.hint else self.message

    def _render_traceback_(self) -> list[str]:
        """IPython prints these lines instead of a traceback through our code."""
        return [readable(f"{type(self).__name__}: {self}")]


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """One thing that is wrong in a definition, with the place and the remedy.

    ``pointer`` is an RFC 6901 JSON pointer ("" is the whole document); ``line`` and ``column`` count from 1 and are
    0 when the definition did not come from text. ``subject`` is the field or name that the problem is about where the
    pointer does not tell, such as a field that is missing.
    """

    rule: str
    severity: str
    message: str
    hint: str = ""
    pointer: str = ""
    line: int = 0
    column: int = 0
    end_line: int = 0
    end_column: int = 0
    subject: str = ""

    def __str__(self) -> str:
        place = f"line {self.line}, column {self.column}" if self.line else "definition"
        where = f"{place}, {self.pointer}" if self.pointer else place
        remedy = f" {self.hint}" if self.hint else ""
        return f"{where}: {self.message}{remedy} [{self.rule}]"


class DefinitionError(SfnNotebookError):
    """A definition cannot be used; ``problems`` lists everything that is wrong, in the order of the text."""

    def __init__(self, name: str, problems: Sequence[Problem]) -> None:
        self.name = name
        self.problems = tuple(problems)
        count = len(self.problems)
        lines = "\n".join(f"  {problem}" for problem in self.problems)
        super().__init__(f"{name} has {count} problem{'' if count == 1 else 's'}:\n{lines}")


class ExpressionSyntaxError(SfnNotebookError):
    """An expression cannot be read; ``column`` counts from 1 within ``text``."""

    def __init__(self, text: str, column: int, reason: str, *, hint: str = "") -> None:
        self.text = text
        self.column = column
        self.reason = reason
        super().__init__(f"{text!r}, column {column}: {reason}", hint=hint)


class FeatureNotSupported(SfnNotebookError):  # noqa: N818 - the name says the fact; "Error" adds nothing
    """A part of the language that this version can read and draw, but refuses to run."""

    def __init__(self, feature: str, *, pointer: str = "", hint: str = "") -> None:
        self.feature = feature
        self.pointer = pointer
        super().__init__(f"{pointer or 'definition'}: {feature} cannot be run by this version.", hint=hint)


class InvalidInput(SfnNotebookError):  # noqa: N818 - as above
    """An execution input, option or argument that cannot be used."""


class ResourceNotBound(SfnNotebookError):  # noqa: N818 - as above
    """A Task's Resource names no function of the notebook."""

    def __init__(self, resource: str, known: Iterable[str], *, pointer: str = "") -> None:
        self.resource = resource
        self.known = tuple(sorted(known))
        listed = f"Known functions: {', '.join(self.known)}." if self.known else "No function is defined yet."
        place = f"{pointer}: " if pointer else ""
        remedies = [did_you_mean(resource, self.known), listed, "Define it with @lambda_function."]
        super().__init__(
            f"{place}no function named {resource!r} in this notebook.", hint=" ".join(filter(None, remedies))
        )


class UnknownName(SfnNotebookError):  # noqa: N818 - as above
    """A machine, an execution, a verb or an option that does not exist."""

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        self.kind = kind
        self.name = name
        self.known = tuple(known)
        listed = f"Known: {', '.join(self.known)}." if self.known else "There is none."
        remedies = [did_you_mean(name, self.known), listed]
        super().__init__(f"no {kind} named {name!r}.", hint=" ".join(filter(None, remedies)))


class ExecutionFailed(SfnNotebookError):  # noqa: N818 - AWS's word for it
    """Raised by ``Execution.result()``: the execution ended without an output.

    ``error`` and ``cause`` are those of the execution; ``__cause__`` is the exception that the user's function raised,
    if that is what failed, with its traceback cut to the user's own frames.
    """

    def __init__(self, execution_name: str, error: str | None, cause: str | None, *, status: str = "FAILED") -> None:
        self.execution_name = execution_name
        self.error = error
        self.cause = cause
        self.status = status
        detail = ": ".join(part for part in (error, cause) if part)
        super().__init__(f"{execution_name} {status}" + (f": {detail}" if detail else ""))

    def with_exception(self, exception: BaseException, traceback: TracebackType | None) -> "ExecutionFailed":
        """Attach the user's exception as the cause, so that debuggers enter the user's cell."""
        self.__cause__ = exception.with_traceback(traceback)
        return self


class ExecutionTimedOut(ExecutionFailed):
    """The execution ran longer than the machine's ``TimeoutSeconds``."""


class ExecutionAborted(ExecutionFailed):
    """The execution was stopped."""


class ExecutionStalled(SfnNotebookError):  # noqa: N818 - as above
    """No timer is due and nothing runs, so time cannot advance."""


class TaskTokenError(SfnNotebookError):
    """A task token that is unknown or spent; ``code`` is the API's: InvalidToken, TaskDoesNotExist, TaskTimedOut."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


class InternalError(Exception):
    """A bug of this package: please report it with the text of this message."""
