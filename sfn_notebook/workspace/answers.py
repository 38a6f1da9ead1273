"""What people and workers will answer, told before the run, so that no run waits in CI; it starts no machine."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeAlias

from sfn_notebook._json import JSONObject, JSONValue
from sfn_notebook.asl.model import Branch
from sfn_notebook.engine.resources import (
    Pattern,
    ResourceKind,
    TaskError,
    TaskOutcome,
    TaskRequest,
    TaskResolver,
    TaskResult,
)
from sfn_notebook.errors import InvalidInput, UnknownName
from sfn_notebook.runtime.scheduler import Scheduler
from sfn_notebook.workspace.binding import states_of
from sfn_notebook.workspace.payloads import payload_of

Outcome: TypeAlias = TaskResult | TaskError
_WORDS: Final[Mapping[str, Outcome]] = {
    "approve": TaskResult(result={}),
    "reject": TaskError(error=None, cause=None),
}
_HINT: Final = 'Write "approve", "reject", {"output": ...}, {"error": "...", "cause": "..."} or a list of these.'


@dataclass(frozen=True, kw_only=True, slots=True)
class Answers:
    """The answers of one state: one for every task, or with ``is_list`` one after the other until there is none."""

    outcomes: tuple[Outcome, ...]
    is_list: bool

    def to_task(self, number: int) -> Outcome | None:
        """The answer to the state's task ``number``, from 0."""
        if not self.is_list:
            return self.outcomes[0]
        return self.outcomes[number] if number < len(self.outcomes) else None


def answers_of(given: JSONObject, definition: Branch) -> Mapping[str, Answers]:
    """The answers by state name.

    Raises:
        UnknownName: For a state that the definition does not have.
        InvalidInput: For an answer that is none; the message names the state.
    """
    if not isinstance(given, Mapping):
        raise InvalidInput("answers are an object by state name.", hint=_HINT)
    names = dict.fromkeys(state.name for state in states_of(definition))
    for name in given:
        if name not in names:
            raise UnknownName("state", name, names)
    return {name: _answers(name, value) for name, value in given.items()}


def _answers(state_name: str, value: JSONValue) -> Answers:
    if isinstance(value, list | tuple):
        return Answers(outcomes=tuple(_outcome(state_name, each) for each in value), is_list=True)
    return Answers(outcomes=(_outcome(state_name, value),), is_list=False)


def _outcome(state_name: str, value: JSONValue) -> Outcome:
    match value:
        case str(word) if word in _WORDS:
            return _WORDS[word]
        case {"output": output, **others} if not others:
            return TaskResult(result=payload_of(output))
        case {**fields} if fields and fields.keys() <= {"error", "cause"}:
            error, cause = fields.get("error"), fields.get("cause")
            if isinstance(error, str | None) and isinstance(cause, str | None):
                return TaskError(error=error, cause=cause)
    raise InvalidInput(f"{value!r} is no answer of the state {state_name!r}.", hint=_HINT)


class AnsweredTasks:
    """A ``TaskResolver`` that has the work asked for by ``real`` and answers at once what would wait for somebody."""

    def __init__(self, answers: Mapping[str, Answers], real: TaskResolver, scheduler: Scheduler) -> None:
        self._answers = answers
        self._real = real
        self._scheduler = scheduler
        self._counts: dict[str, int] = {}

    def perform(self, request: TaskRequest) -> TaskOutcome:
        """Ask for the work, and answer for whoever should do it."""
        outcome = self._real.perform(request)
        answers = self._answers.get(request.state_name)
        is_awaited = request.plan.pattern is Pattern.CALLBACK or request.plan.kind is ResourceKind.ACTIVITY
        if answers is None or not is_awaited or isinstance(outcome, TaskError):
            return outcome
        number = self._counts.get(request.state_name, 0)
        self._counts[request.state_name] = number + 1
        answer = answers.to_task(number)
        if answer is not None:
            # One hop later than the answer to the request, which is scheduled once this returns.
            end = partial(_give, request, answer)
            self._scheduler.schedule(self._scheduler.now(), partial(self._scheduler.at_end_of_instant, end))
        return outcome


def _give(request: TaskRequest, answer: Outcome) -> None:
    execution, token = request.execution, request.task_token
    if execution is None or token is None or token not in execution.pending_tasks:
        return  # somebody has answered already
    if request.plan.kind is ResourceKind.ACTIVITY and not execution.pending_tasks[token].is_taken:
        execution.start_activity(token)
    if isinstance(answer, TaskResult):
        execution.succeed_task(token, answer.result)
    else:
        execution.fail_task(token, answer.error, answer.cause)
