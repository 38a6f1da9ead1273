"""One attempt to run a function: its environment, its initialisation, its handler and how Lambda may stop it.

It decides neither whether there is another attempt nor who hears of the result.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, NamedTuple

from sfn_notebook._json import JSONObject, JSONValue
from sfn_notebook.functions.calls import CallKind, CallLog, CallRecord, Carried
from sfn_notebook.functions.configuration import FunctionConfiguration
from sfn_notebook.functions.environments import Environment, Environments
from sfn_notebook.functions.invocation import UNHANDLED, InvocationResult, invoke, timeout_payload
from sfn_notebook.functions.invocation_log import error_lines, init_lines, report_line
from sfn_notebook.functions.invoke_api import InvocationType
from sfn_notebook.functions.lambda_context import log_stream_name
from sfn_notebook.functions.lambda_errors import RecursiveInvocationException, TooManyRequestsException
from sfn_notebook.functions.stack_traces import SourceName
from sfn_notebook.functions.versions import Target
from sfn_notebook.runtime.clock import stopwatch

MAX_INIT_SECONDS: Final = 10.0
"""How long an initialisation may take before it is begun again within the call. Source: developer guide."""

MAX_RECURSION: Final = 16
"""How often a function may run in one chain of calls. Source: developer guide, "Recursive loop detection"."""

_CRASHES: Final = frozenset({"Sandbox.Timedout", "Runtime.ExitError"})
"""After these Lambda resets the environment."""


class Call(NamedTuple):
    """One attempt that is to be made. ``chain`` counts the calls of each function that led to it."""

    request_id: str
    target: Target
    event: JSONValue
    invocation_type: InvocationType
    caller: str | None
    attempt: int
    chain: Mapping[str, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class Attempt:
    """An attempt that was made. ``result.duration_seconds`` is the handler's; initialisation comes before it."""

    result: InvocationResult
    init_seconds: float
    ended_seconds: float
    executed_version: str
    log: str


class _Init(NamedTuple):
    """How an environment gets ready: before the handler's clock starts, and again after it has."""

    before_seconds: float = 0.0
    within_seconds: float = 0.0
    is_cold_start: bool = False
    has_timed_out: bool = False


class _Running(NamedTuple):
    """A handler that runs now."""

    call: Call
    started_seconds: float


class Attempts:
    """Makes attempts in modelled time; handlers may call functions while they run."""

    def __init__(self, environments: Environments, log: CallLog) -> None:
        self._environments = environments
        self._log = log
        self._running: list[_Running] = []
        self._callers: list[str] = []
        self._waited_seconds: list[float] = []
        self.source_name: SourceName | None = None

    @property
    def is_running(self) -> bool:
        """Whether a handler runs now."""
        return bool(self._running)

    @property
    def caller(self) -> str | None:
        """On whose behalf something is called now: a function's name, an ARN, or ``None`` for the notebook."""
        return self._callers[-1] if self._callers else None

    @property
    def callers(self) -> tuple[str, ...]:
        """All on whose behalf something is called now, outermost first."""
        return tuple(self._callers)

    def share_callers(self, other: "Attempts") -> None:
        """Know the callers of ``other``, and let it know those of these attempts: they may call each other."""
        self._callers = other._callers  # noqa: SLF001 - the same list, of the same class

    @contextmanager
    def on_behalf_of(self, caller: str) -> Iterator[None]:
        """Whatever is called within is called by ``caller``."""
        self.enter(caller)
        try:
            yield
        finally:
            self.leave()

    def enter(self, caller: str) -> None:
        """As ``on_behalf_of``, until ``leave``."""
        self._callers.append(caller)

    def leave(self) -> None:
        """The latest caller is done."""
        self._callers.pop()

    @property
    def chain(self) -> Mapping[str, int]:
        """How often each function has been called on the way to the handler that runs now."""
        return self._running[-1].call.chain if self._running else {}

    def now(self, scheduler_now: Callable[[], float]) -> float:
        """Modelled seconds: within a handler, those that it has waited for others have passed."""
        return self._running[-1].started_seconds + self._waited_seconds[-1] if self._running else scheduler_now()

    def wait_until(self, ended_seconds: float) -> None:
        """Let the handler that runs now wait for a call that it makes."""
        waited_seconds = ended_seconds - self._running[-1].started_seconds
        self._waited_seconds[-1] = max(self._waited_seconds[-1], waited_seconds)

    def run(self, call: Call, now_seconds: float) -> Attempt:
        """Make an attempt that begins at ``now_seconds``.

        Raises:
            TooManyRequestsException: If it is throttled; observers are told.
            RecursiveInvocationException: If the chain of calls goes round in a circle.
            InvalidInput: If a modelled duration or memory cannot be found.
        """
        name = call.target.function.name
        if call.chain.get(name, 0) >= MAX_RECURSION:
            raise RecursiveInvocationException(
                "Lambda has detected your function being invoked in a recursive loop with other Amazon Web Services"
                " resources and stopped your function's invocation."
            )
        try:
            environment = self._environments.acquire(call.target, now_seconds)
        except TooManyRequestsException as error:
            self._tell_throttle(call, now_seconds, error.reason)
            raise
        ended_seconds = now_seconds
        try:
            attempt = self._run_in(environment, call, now_seconds)
            ended_seconds = attempt.ended_seconds
        finally:
            self._environments.release(environment, ended_seconds)
        return attempt

    def _run_in(self, environment: Environment, call: Call, now_seconds: float) -> Attempt:
        function, version, invoked_arn = call.target
        configuration = function.configuration
        memory_used = configuration.memory_used_for(call.event)
        init = _init_of(environment, configuration)
        if not environment.is_initialised:
            environment.initialise()
        deployed = function.as_deployed(
            version=version,
            invoked_arn=invoked_arn,
            environment_name=environment.name,
            handler=environment.handler,
        )
        self._running.append(_Running(_counted(call), now_seconds + init.before_seconds))
        self.enter(function.name)
        self._waited_seconds.append(0.0)
        try:
            result = invoke(
                deployed,
                call.event,
                request_id=call.request_id,
                source_name=self.source_name,
                stopwatch=stopwatch,
                is_payload=True,
            )
        finally:
            self._running.pop()
            self.leave()
            waited_seconds = self._waited_seconds.pop()
        result = _stopped(result, configuration, init.within_seconds + waited_seconds, memory_used)
        if _error_type(result) in _CRASHES:
            environment.reset()
        attempt = Attempt(
            result=result._replace(executed_version=version),
            init_seconds=init.before_seconds,
            ended_seconds=now_seconds + init.before_seconds + result.duration_seconds,
            executed_version=version,
            log=_log_text(call, configuration, init, result, memory_used),
        )
        self._tell_attempt(call, attempt, init, log_stream_name(environment.name, version), now_seconds)
        return attempt

    def _tell_throttle(self, call: Call, now_seconds: float, reason: str) -> None:
        self._log.tell(
            CallRecord(
                kind=CallKind.THROTTLE,
                at_seconds=now_seconds,
                request_id=call.request_id,
                function_name=call.target.function.name,
                function_arn=call.target.invoked_arn,
                invocation_type=call.invocation_type,
                caller=call.caller,
                attempt=call.attempt,
                reason=reason,
            ),
            Carried(call.event),
        )

    def _tell_attempt(self, call: Call, attempt: Attempt, init: _Init, environment: str, now_seconds: float) -> None:
        self._log.tell(
            CallRecord(
                kind=CallKind.ATTEMPT,
                at_seconds=now_seconds,
                request_id=call.request_id,
                function_name=call.target.function.name,
                function_arn=call.target.invoked_arn,
                invocation_type=call.invocation_type,
                caller=call.caller,
                attempt=call.attempt,
                executed_version=attempt.executed_version,
                environment=environment,
                is_cold_start=init.is_cold_start,
                init_seconds=init.before_seconds,
                duration_seconds=attempt.result.duration_seconds,
                function_error=attempt.result.function_error,
            ),
            Carried(call.event, attempt.result.payload, attempt.log),
        )


def _counted(call: Call) -> Call:
    """The call as those that its handler makes know it: one more of its function in the chain."""
    name = call.target.function.name
    return call._replace(chain={**call.chain, name: call.chain.get(name, 0) + 1})


def _init_of(environment: Environment, configuration: FunctionConfiguration) -> _Init:
    """What getting ready takes. After a reset it is part of the handler's own time, and so is a second try."""
    init_seconds = float(configuration.init_seconds)
    if environment.is_initialised:
        return _Init()
    if environment.was_reset:
        return _Init(within_seconds=init_seconds)
    if init_seconds > MAX_INIT_SECONDS:
        return _Init(MAX_INIT_SECONDS, init_seconds, is_cold_start=True, has_timed_out=True)
    return _Init(init_seconds, is_cold_start=True)


def _stopped(
    result: InvocationResult, configuration: FunctionConfiguration, added_seconds: float, memory_used: float | None
) -> InvocationResult:
    """``result``, or what Lambda answers where it had to kill the handler: out of memory, or out of time."""
    timeout_seconds = float(configuration.timeout_seconds)
    duration_seconds = min(timeout_seconds, result.duration_seconds + added_seconds)
    if memory_used is not None and memory_used > configuration.memory_megabytes:
        return _killed(result, _killed_payload(result.request_id), duration_seconds)
    if result.duration_seconds + added_seconds > timeout_seconds:
        return _killed(result, timeout_payload(result.request_id, timeout_seconds), timeout_seconds)
    return result._replace(duration_seconds=duration_seconds)


def _killed(result: InvocationResult, payload: JSONObject, duration_seconds: float) -> InvocationResult:
    return result._replace(
        payload=payload,
        duration_seconds=duration_seconds,
        function_error=UNHANDLED,
        size_bound_bytes=None,
        exception=None,
    )


def _killed_payload(request_id: str) -> JSONObject:
    message = f"RequestId: {request_id} Error: Runtime exited with error: signal: killed"
    return {"errorType": "Runtime.ExitError", "errorMessage": message}


def _error_type(result: InvocationResult) -> str | None:
    if result.function_error is None or not isinstance(result.payload, dict):
        return None
    error_type = result.payload.get("errorType")
    return error_type if isinstance(error_type, str) else None


def _log_text(
    call: Call, configuration: FunctionConfiguration, init: _Init, result: InvocationResult, memory_used: float | None
) -> str:
    started_by_call = init.is_cold_start and not init.has_timed_out
    lines = [
        *init_lines(init.before_seconds, is_cold_start=init.is_cold_start, has_timed_out=init.has_timed_out),
        f"START RequestId: {call.request_id} Version: {call.target.version}",
        *((result.logs or "").splitlines()),
        *(error_lines(result.payload) if result.function_error else ()),
        f"END RequestId: {call.request_id}",
        report_line(
            call.request_id,
            duration_seconds=result.duration_seconds,
            init_seconds=init.before_seconds if started_by_call else None,
            memory_megabytes=configuration.memory_megabytes,
            memory_used_megabytes=memory_used,
            error_type=_error_type(result),
        ),
    ]
    return "".join(f"{line}\n" for line in lines)
