"""What all calls of the Step Functions API share: ARNs, pages and constraints, in AWS's words; it answers no call.

Source: Step Functions API reference; recorded answers.
"""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from sfn_notebook._json import JSONObject
from sfn_notebook.workspace.service_errors import ServiceError, validation_error

_Item = TypeVar("_Item")

_LONGEST_PAGE: Final = 1000
_DEFAULT_PAGE: Final = 100
_LONGEST_TOKEN: Final = 3096


@dataclass(frozen=True, kw_only=True, slots=True)
class Arn:
    """An ARN of Step Functions taken apart: ``kind`` is ``stateMachine``, ``execution``, ``express``, ..."""

    text: str
    kind: str
    name: str
    rest: tuple[str, ...]

    @property
    def qualifier(self) -> str | None:
        """The version or the alias of a state machine."""
        return self.rest[0] if self.kind == "stateMachine" and self.rest else None

    @property
    def unqualified(self) -> str:
        """The ARN without version or alias."""
        return self.text.removesuffix(f":{self.qualifier}") if self.qualifier else self.text


def read_arn(text: str, *kinds: str) -> Arn:
    """Take an ARN apart.

    Raises:
        ServiceError: ``InvalidArn``, where it is none or of another kind than ``kinds``.
    """
    parts = text.split(":")
    if parts[0] != "arn" or len(parts) < 7:
        detail = f"Invalid ARN prefix: {text}" if parts[0] != "arn" else "Invalid ARN"
        raise ServiceError("InvalidArn", f"Invalid Arn: '{detail}'")
    arn = Arn(text=text, kind=parts[5], name=parts[6], rest=tuple(parts[7:]))
    if arn.kind not in kinds:
        raise ServiceError("InvalidArn", f"Invalid Arn: 'Resource type not valid in this context: {arn.kind}'")
    return arn


def page_of(items: Sequence[_Item], request: JSONObject) -> tuple[Sequence[_Item], str | None]:
    """The items that ``maxResults`` and ``nextToken`` ask for, and the token of the next page.

    Raises:
        ServiceError: ``ValidationException`` or ``InvalidToken``.
    """
    size, token = request.get("maxResults") or _DEFAULT_PAGE, request.get("nextToken")
    if size > _LONGEST_PAGE:
        raise unmet("maxResults", size, f"Member must have value less than or equal to {_LONGEST_PAGE}")
    start = 0 if token is None else _offset(token)
    end = start + size
    return items[start:end], _token(end) if end < len(items) else None


def with_page(name: str, entries: list[Any], token: str | None) -> JSONObject:
    """An answer that is one page."""
    return {name: entries} | ({} if token is None else {"nextToken": token})


def _token(offset: int) -> str:
    return base64.urlsafe_b64encode(f"offset/{offset}".encode()).decode()


def _offset(token: str) -> int:
    if len(token) > _LONGEST_TOKEN:
        raise unmet("nextToken", token, f"Member must have length less than or equal to {_LONGEST_TOKEN}")
    try:
        word, _, number = base64.urlsafe_b64decode(token).decode().partition("/")
        if word == "offset":
            return int(number)
    except (ValueError, binascii.Error):
        pass
    raise ServiceError("InvalidToken", "Invalid Token: 'Invalid token'")


def unmet(field: str, value: object, constraint: str) -> ServiceError:
    """The refusal of a parameter's value."""
    return validation_error(
        f"1 validation error detected: Value '{value}' at '{field}' failed to satisfy constraint: {constraint}"
    )


def machine_does_not_exist(arn: str) -> ServiceError:
    """The refusal of a state machine, a version or an alias that is not there."""
    return ServiceError("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{arn}'")
