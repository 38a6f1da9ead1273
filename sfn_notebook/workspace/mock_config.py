"""MockConfigFile: answers for Tasks by state name and number of the call, in place of the work; it runs no machine.

Source: Step Functions Developer Guide, "Configuration file for mocked service integrations in Step Functions".
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from sfn_notebook import _json
from sfn_notebook._json import JSONObject, JSONValue
from sfn_notebook.engine.resources import (
    ResourceKind,
    TaskError,
    TaskOutcome,
    TaskPending,
    TaskRequest,
    TaskResolver,
    TaskResult,
)
from sfn_notebook.errors import InvalidInput, UnknownName
from sfn_notebook.runtime.scheduler import Scheduler
from sfn_notebook.workspace.mock_answers import completed, submitted

_NUMBERS: Final = re.compile(r"(\d{1,9})(?:-(\d{1,9}))?")
_PLACE: Final = "StateMachines"
_RESPONSES: Final = "MockedResponses"


@dataclass(frozen=True, kw_only=True, slots=True)
class MockedAnswer:
    """What the calls ``first`` to ``last`` (from 0) of a state get: a result, or an error."""

    first: int
    last: int
    outcome: TaskResult | TaskError


@dataclass(frozen=True, kw_only=True, slots=True)
class MockedResponse:
    """The answers under one name of ``MockedResponses``."""

    name: str
    answers: tuple[MockedAnswer, ...]

    def answer(self, number: int) -> TaskResult | TaskError | None:
        """The answer to the call ``number``, counted from 0."""
        return next((each.outcome for each in self.answers if each.first <= number <= each.last), None)


@dataclass(frozen=True, kw_only=True, slots=True)
class MockedTestCase:
    """One test case of one machine: which states are mocked, and with what. Other states do their real work."""

    machine_name: str
    name: str
    responses: Mapping[str, MockedResponse]

    @property
    def state_names(self) -> frozenset[str]:
        """The states whose work is not done."""
        return frozenset(self.responses)


@dataclass(frozen=True, kw_only=True, slots=True)
class MockConfig:
    """A whole file: machine name -> test case name -> test case."""

    source: str
    test_cases: Mapping[str, Mapping[str, MockedTestCase]] = field(repr=False)

    @classmethod
    def load(cls, path: str | Path) -> "MockConfig":
        """Read a file.

        Raises:
            InvalidInput: If it cannot be read, is not JSON or breaks the format; the message names the place.
        """
        try:
            text = Path(path).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
            raise InvalidInput(f"the mock file {path} cannot be read: {reason}.") from None
        try:
            value = _json.load(text)
        except (ValueError, RecursionError) as error:
            raise InvalidInput(f"the mock file {path} is not JSON: {error}") from None
        return cls.from_value(value, source=str(path))

    @classmethod
    def from_value(cls, value: JSONValue, *, source: str = "the mock configuration") -> "MockConfig":
        """Take a configuration that is a dictionary already.

        Raises:
            InvalidInput: If it breaks the format; the message names the place.
        """
        config = _members(value, source)
        responses = {
            name: _response(name, each, f"{source}: {_RESPONSES}/{name}")
            for name, each in _members(config.get(_RESPONSES, {}), f"{source}: {_RESPONSES}").items()
        }
        machines = _members(config.get(_PLACE), f"{source}: {_PLACE}")
        cases = {name: _cases(name, each, responses, f"{source}: {_PLACE}/{name}") for name, each in machines.items()}
        return cls(source=source, test_cases=cases)

    def test_case(self, machine_name: str, name: str) -> MockedTestCase:
        """The test case ``name`` of a machine.

        Raises:
            UnknownName: With the nearest names.
        """
        if machine_name not in self.test_cases:
            raise UnknownName(f"state machine in {self.source}", machine_name, self.test_cases)
        if name not in self.test_cases[machine_name]:
            raise UnknownName(f"test case of {machine_name}", name, self.test_cases[machine_name])
        return self.test_cases[machine_name][name]


def load_test_case(reference: str, machine_name: str) -> MockedTestCase:
    """The test case that ``FILE#TestCase`` names, as a command line gives it.

    Raises:
        InvalidInput: If ``#TestCase`` is missing or the file is not right.
        UnknownName: If the file has no such test case for the machine.
    """
    path, mark, name = reference.rpartition("#")
    if not mark or not path or not name:
        raise InvalidInput(f"{reference!r} names no test case.", hint="Write FILE#TestCase.")
    return MockConfig.load(path).test_case(machine_name, name)


def _members(value: JSONValue, place: str) -> JSONObject:
    if not isinstance(value, dict):
        raise InvalidInput(f"{place} must be an object.", hint='Write {"StateMachines": ..., "MockedResponses": ...}.')
    return value


def _cases(
    machine_name: str, value: JSONValue, responses: Mapping[str, MockedResponse], place: str
) -> dict[str, MockedTestCase]:
    cases = _members(_members(value, place).get("TestCases"), f"{place}/TestCases")
    found: dict[str, MockedTestCase] = {}
    for name, states in cases.items():
        where = f"{place}/TestCases/{name}"
        mocked: dict[str, MockedResponse] = {}
        for state_name, response_name in _members(states, where).items():
            if not isinstance(response_name, str) or response_name not in responses:
                raise UnknownName(f"mocked response ({where}/{state_name})", str(response_name), responses)
            mocked[state_name] = responses[response_name]
        found[name] = MockedTestCase(machine_name=machine_name, name=name, responses=mocked)
    return found


def _response(name: str, value: JSONValue, place: str) -> MockedResponse:
    answers: list[MockedAnswer] = []
    for numbers, answer in _members(value, place).items():
        where = f"{place}/{numbers}"
        match = _NUMBERS.fullmatch(numbers)
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, -1)
        if last < first:
            hint = 'Name calls by "0", "1" or "1-3".'
            raise InvalidInput(f"{where}: {numbers!r} is no number of a call and no range.", hint=hint)
        if any(first <= each.last and each.first <= last for each in answers):
            raise InvalidInput(f"{where}: some of these calls have an answer already.", hint="Let ranges not overlap.")
        answers.append(MockedAnswer(first=first, last=last, outcome=_outcome(answer, where)))
    if not answers:
        raise InvalidInput(f"{place} has no answer.", hint='Add "0": {"Return": ...}.')
    return MockedResponse(name=name, answers=tuple(answers))


def _outcome(value: JSONValue, place: str) -> TaskResult | TaskError:
    match value:
        case {"Return": result, **others} if not others:
            return TaskResult(result=result)
        case {"Throw": {"Error": str(error), **details}, **others} if not others:
            cause = details.get("Cause")
            if cause is None or isinstance(cause, str):
                return TaskError(error=error, cause=cause)
    hint = 'Write {"Return": ...} or {"Throw": {"Error": "...", "Cause": "..."}}.'
    raise InvalidInput(f"{place} must have either Return or Throw.", hint=hint)


class MockedTasks:
    """A ``TaskResolver`` that answers for the states of a test case and leaves the others to ``real``.

    Calls are counted for each state of the execution: retries, loops and the iterations of a Map count on.
    """

    def __init__(self, test_case: MockedTestCase, real: TaskResolver, scheduler: Scheduler) -> None:
        self._test_case = test_case
        self._real = real
        self._scheduler = scheduler
        self._calls: dict[str, int] = {}

    def perform(self, request: TaskRequest) -> TaskOutcome:
        """Answer from the table.

        Raises:
            InvalidInput: If the table has no answer to this call.
        """
        response = self._test_case.responses.get(request.state_name)
        if response is None:
            return self._real.perform(request)
        number = self._calls.get(request.state_name, 0)
        self._calls[request.state_name] = number + 1
        outcome = response.answer(number)
        if outcome is None:
            raise InvalidInput(
                f"{response.name} has no answer to call {number} of the state {request.state_name!r}.",
                hint=f'Add "{number}": {{"Return": ...}} to {_RESPONSES}/{response.name}.',
            )
        if isinstance(outcome, TaskResult):
            outcome = TaskResult(result=completed(request, outcome.result))
        return outcome if request.answer is None or not request.plan.has_token else self._later(request, outcome)

    def _later(self, request: TaskRequest, outcome: TaskResult | TaskError) -> TaskPending:
        """Work that has an end of its own: first the answer to the request, or the worker's start, then the end."""
        is_activity = request.plan.kind is ResourceKind.ACTIVITY

        def end() -> None:
            if is_activity and request.execution is not None and request.task_token is not None:
                request.execution.start_activity(request.task_token)
            if request.answer is not None:
                request.answer(outcome)

        # One hop later than the answer to the request, which is scheduled once this returns.
        now_seconds = self._scheduler.now()
        self._scheduler.schedule(now_seconds, lambda: self._scheduler.at_end_of_instant(end))
        return TaskPending() if is_activity else TaskPending(submitted=submitted(request, outcome))
