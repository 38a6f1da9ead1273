"""State machines and executions for tests of pictures and widgets, built from the model and from visits by hand."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sfn_notebook._json import JSONObject, JSONValue
from sfn_notebook.asl import model
from sfn_notebook.asl.model import Definition
from sfn_notebook.engine.attempt_output import AttemptOutput
from sfn_notebook.engine.history import Event
from sfn_notebook.engine.visits import Attempt, Visit, VisitStatus

EPOCH_SECONDS = 1767225600.0


def _task(name: str, next_state: str | None = None, *, retry: bool = False, catch: str = "") -> model.TaskState:
    return model.TaskState(
        name=name,
        pointer=f"/States/{name}",
        resource=f"${{{name.lower().replace(' ', '_')}}}",
        next_state=next_state,
        retry=(model.Retrier(error_equals=("PaymentTimeout",), interval_seconds=2),) if retry else (),
        catch=(model.Catcher(error_equals=("CardDeclined",), next_state=catch),) if catch else (),
    )


def definition_of(states: Sequence[model.State], raw: JSONValue = None) -> Definition:
    """A machine that starts at the first of ``states``."""
    return Definition(start_at=states[0].name, states={state.name: state for state in states}, raw=raw)


def order_machine() -> Definition:
    """An order: validate, check stock, score fraud; a risky one is rejected, a declined card is refunded."""
    risky = model.Comparison(variable="$.fraud.score", operator="NumericGreaterThan", operand=80)
    review = model.And(
        conditions=(
            model.Comparison(variable="$.total", operator="NumericGreaterThanEquals", operand=100),
            model.Comparison(variable="$.country", operator="StringEquals", operand="DE"),
        )
    )
    choice = model.ChoiceState(
        name="Looks risky?",
        pointer="/States/Looks risky?",
        choices=(
            model.ChoiceRule(condition=risky, next_state="Reject order"),
            model.ChoiceRule(condition=review, next_state="Cool down"),
        ),
        default="Charge card",
    )
    wait = model.WaitState(name="Cool down", pointer="/States/Cool down", seconds=90, next_state="Charge card")
    reject = model.FailState(name="Reject order", pointer="/States/Reject order", error="OrderRejected")
    states: list[model.State] = [
        _task("Validate order", "Check stock"),
        _task("Check stock", "Score fraud"),
        _task("Score fraud", "Looks risky?"),
        choice,
        wait,
        _task("Charge card", "Notify customer", retry=True, catch="Refund"),
        _task("Refund", "Reject order"),
        _task("Notify customer"),
        reject,
    ]
    raw = {"StartAt": "Validate order", "States": {state.name: {"Type": state.type_name} for state in states}}
    return definition_of(states, raw)


def _branch(pointer: str, *states: model.State) -> model.Branch:
    return model.Branch(start_at=states[0].name, states={state.name: state for state in states}, pointer=pointer)


def region_machine() -> Definition:
    """A Parallel with two branches, then a Distributed Map, with a Catch around the Parallel."""
    first, second = "/States/Enrich/Branches/0", "/States/Enrich/Branches/1"
    look_up = model.TaskState(name="Look up", pointer=f"{first}/States/Look up", resource="look_up", next_state="Rank")
    rank = model.PassState(name="Rank", pointer=f"{first}/States/Rank")
    settle = model.WaitState(name="Settle", pointer=f"{second}/States/Settle", seconds_path="$.delay")
    enrich = model.ParallelState(
        name="Enrich",
        pointer="/States/Enrich",
        branches=(_branch(first, look_up, rank), _branch(second, settle)),
        next_state="Each item",
        retry=(model.Retrier(error_equals=("States.ALL",), max_attempts=2),),
        catch=(model.Catcher(error_equals=("States.ALL",), next_state="Give up"),),
    )
    inside = "/States/Each item/ItemProcessor"
    pack = model.TaskState(
        name="Pack", pointer=f"{inside}/States/Pack", resource="arn:aws:states:::sqs:sendMessage.waitForTaskToken"
    )
    each = model.MapState(
        name="Each item",
        pointer="/States/Each item",
        items_path="$.items",
        max_concurrency=4,
        next_state="Done",
        item_processor=model.ItemProcessor(
            start_at="Pack", states={"Pack": pack}, pointer=inside, mode=model.ProcessorMode.DISTRIBUTED
        ),
    )
    done = model.SucceedState(name="Done", pointer="/States/Done")
    give_up = model.FailState(name="Give up", pointer="/States/Give up", error="EnrichFailed")
    return definition_of([enrich, each, done, give_up])


@dataclass(kw_only=True)
class FakeExecution:
    """An execution as views need it."""

    name: str = "OrderFlow-1"
    machine_name: str = "OrderFlow"
    status: str = "RUNNING"
    input: JSONValue = None
    output: JSONValue = None
    error: str | None = None
    cause: str | None = None
    started_seconds: float = EPOCH_SECONDS
    ended_seconds: float | None = None
    visits: list[Visit] = field(default_factory=list)
    attempt_outputs: dict[tuple[int, int], AttemptOutput] = field(default_factory=dict)

    @property
    def events(self) -> list[Event]:
        """The events of a run that is made of Tasks: entered, scheduled, exited."""
        events: list[Event] = [(1, 0, self.started_seconds, "ExecutionStarted", "", (self.input, "role"))]
        previous = 0
        for visit in self.visits:
            entered, at = visit.id, visit.entered_seconds
            ended = at if visit.exited_seconds is None else visit.exited_seconds
            events += [
                (entered, previous, at, "TaskStateEntered", visit.name, visit.input),
                (entered + 1, entered, at, "LambdaFunctionScheduled", "", (None, visit.input, None, None, None)),
            ]
            if visit.exited_seconds is None:
                events.append((entered + 2, entered + 1, ended, "LambdaFunctionStarted", "", None))
            else:
                events.append((entered + 2, entered + 1, ended, "TaskStateExited", visit.name, visit.output))
            previous = entered + 2
        return events

    def enter(self, name: str, payload: JSONValue, *, pointer: str = "", iteration: tuple[int, ...] = ()) -> Visit:
        """Begin a visit."""
        visit = Visit(
            id=len(self.visits) * 3 + 2,
            pointer=pointer or f"/States/{name}",
            name=name,
            type_name="Task",
            iteration=iteration,
            entered_seconds=EPOCH_SECONDS,
            input=payload,
        )
        self.visits.append(visit)
        return visit


def leave(visit: Visit, output: JSONValue, *, status: VisitStatus = VisitStatus.SUCCEEDED) -> Visit:
    """End a visit after one modelled second."""
    visit.status = status
    visit.exited_seconds = visit.entered_seconds + 1
    visit.output = output
    return visit


ORDER: JSONObject = {"orderId": 7, "total": 129.9, "country": "DE", "items": [{"sku": "A-1"}], "gift": None}


def order_run() -> FakeExecution:
    """A finished run: charging succeeds on the third attempt."""
    run = FakeExecution(
        input=ORDER, status="SUCCEEDED", output={**ORDER, "paid": True}, ended_seconds=EPOCH_SECONDS + 12
    )
    for name in ("Validate order", "Check stock", "Score fraud", "Looks risky?", "Cool down"):
        leave(run.enter(name, ORDER), {**ORDER, "step": name})
    charge = run.enter("Charge card", ORDER)
    charge.attempts = (
        *(
            Attempt(
                started_seconds=EPOCH_SECONDS,
                ended_seconds=EPOCH_SECONDS + 0.5,
                parameters=ORDER,
                error="PaymentTimeout",
                cause='{"errorMessage": "the bank did not answer", "errorType": "PaymentTimeout", "requestId": "f3a1"}',
                retry_delay_seconds=delay_seconds,
            )
            for delay_seconds in (2.0, 4.0)
        ),
        Attempt(
            started_seconds=EPOCH_SECONDS,
            ended_seconds=EPOCH_SECONDS + 1,
            parameters=ORDER,
            result={"paid": True},
        ),
    )
    leave(charge, {**ORDER, "paid": True})
    leave(run.enter("Notify customer", {**ORDER, "paid": True}), {**ORDER, "paid": True})
    return run
