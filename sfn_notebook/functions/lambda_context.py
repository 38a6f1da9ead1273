"""The ``context`` argument of a handler, as Lambda's Python runtime makes it; it knows nothing of the event.

Source: Lambda developer guide, "Using the Lambda context object to retrieve Python function information".
"""

import hashlib
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

from sfn_notebook._json import JSONObject
from sfn_notebook.functions.function import VERSION, LambdaFunction


@dataclass(frozen=True, kw_only=True, slots=True)
class CognitoIdentity:
    """Who called through a mobile SDK: nobody, in a notebook."""

    cognito_identity_id: str | None = None
    cognito_identity_pool_id: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class LambdaContext:
    """What a handler can learn of its invocation. ``memory_limit_in_mb`` is text, as on Lambda.

    ``remaining_seconds`` is asked at each ``get_remaining_time_in_millis()``.
    """

    function_name: str
    invoked_function_arn: str
    memory_limit_in_mb: str
    aws_request_id: str
    log_group_name: str
    log_stream_name: str
    function_version: str = VERSION
    identity: CognitoIdentity = field(default_factory=CognitoIdentity)
    client_context: JSONObject | None = None
    remaining_seconds: Callable[[], float] = field(repr=False)

    def get_remaining_time_in_millis(self) -> int:
        """Whole milliseconds before Lambda stops this invocation, never below 0."""
        return max(0, int(self.remaining_seconds() * 1000))

    def log(self, message: object) -> None:
        """Write to the function's log: here to the cell's output."""
        sys.stdout.write(str(message))


def lambda_context_for(
    function: LambdaFunction, request_id: str, remaining_seconds: Callable[[], float]
) -> LambdaContext:
    """The context of one invocation of ``function``.

    The log stream's name is made from the environment's name alone: a real one holds a date and a random number, which
    would differ at each run.
    """
    return LambdaContext(
        function_name=function.name,
        function_version=function.version,
        invoked_function_arn=function.invoked_arn,
        memory_limit_in_mb=str(function.configuration.memory_megabytes),
        aws_request_id=request_id,
        log_group_name=f"/aws/lambda/{function.name}",
        log_stream_name=log_stream_name(function.environment_name, function.version),
        remaining_seconds=remaining_seconds,
    )


@lru_cache(maxsize=4096)
def log_stream_name(environment_name: str, version: str) -> str:
    """The log stream of one execution environment, in Lambda's form."""
    environment_id = hashlib.sha256(environment_name.encode()).hexdigest()[:32]
    return f"2026/01/01/[{version}]{environment_id}"
