"""What one kernel holds: machines, functions, executions and the time that they share; it draws nothing."""

from collections.abc import Callable, Mapping
from typing import Any

from sfn_notebook import _json
from sfn_notebook._json import ABSENT, JSONObject, JSONValue
from sfn_notebook.asl.source import Format
from sfn_notebook.engine.buckets import Buckets
from sfn_notebook.engine.context_object import ExecutionHeader
from sfn_notebook.engine.execution import Execution, ExecutionInstrument
from sfn_notebook.errors import InvalidInput, UnknownName
from sfn_notebook.functions.registry import FunctionRegistry, default_registry
from sfn_notebook.integrations.buckets import FolderBuckets
from sfn_notebook.runtime.clock import Clock, VirtualClock, parse_clock
from sfn_notebook.runtime.ids import DEFAULT_ACCOUNT, Account
from sfn_notebook.runtime.scheduler import Scheduler
from sfn_notebook.workspace.activities import Activities
from sfn_notebook.workspace.machine import StateMachine, read
from sfn_notebook.workspace.mock_config import MockedTasks, MockedTestCase
from sfn_notebook.workspace.tasks import WorkspaceTasks
from sfn_notebook.workspace.waiting import TokenHolders, Waiting
from sfn_notebook.workspace.workers import ActivityWorker, WorkerHandler

MAX_INPUT_BYTES = 262_144
"""The largest input of an execution. Source: Step Functions quotas."""


class Workspace:
    """Machines and executions by name, in the order of their making.

    Executions on the default virtual clock share one scheduler, so that they live in the same modelled time; a run that
    asks for another clock gets one of its own. ``observer_factories`` are asked once for each execution that starts;
    ``source_name`` maps the file of a notebook cell to what a person knows it by.
    """

    def __init__(
        self,
        *,
        registry: FunctionRegistry | None = None,
        clock: Clock | None = None,
        account: Account = DEFAULT_ACCOUNT,
        buckets: Buckets | None = None,
    ) -> None:
        self.registry = registry if registry is not None else default_registry()
        self.account = account
        self.buckets: Buckets = FolderBuckets() if buckets is None else buckets
        self.scheduler = Scheduler(clock if clock is not None else VirtualClock())
        self.machines: dict[str, StateMachine] = {}
        self.executions: dict[str, Execution] = {}
        self.activities = Activities()
        self.tokens = TokenHolders()
        self.observer_factories: list[Callable[[Execution], ExecutionInstrument | None]] = []
        self.source_name: Callable[[str], str | None] | None = None
        self.substitutions: Callable[[str], str | None] = lambda _name: None
        self._counters: dict[str, int] = {}

    def define(
        self, name: str, definition: str | Mapping[str, Any], *, type: str = "STANDARD", format: Format | None = None
    ) -> StateMachine:
        """Make a machine and keep it under ``name``; a machine of that name is replaced, its executions stay.

        Raises:
            DefinitionError: With everything that is wrong; nothing is replaced then.
        """
        document = read(definition, format=format)
        machine = StateMachine(document, name=name, workspace=self, registry=self.registry, type=type)
        self.machines[name] = machine
        return machine

    def machine(self, name: str) -> StateMachine:
        """The machine of that name.

        Raises:
            UnknownName: With the nearest names.
        """
        if name not in self.machines:
            raise UnknownName("state machine", name, self.machines)
        return self.machines[name]

    def execution(self, name: str | None = None) -> Execution:
        """The execution of that name or ARN, or the latest one.

        Raises:
            UnknownName: With the nearest names.
        """
        if name is None and self.executions:
            return next(reversed(self.executions.values()))
        if name in self.executions:
            return self.executions[name]
        for execution in reversed(self.executions.values()):
            if name in (execution.name, execution.arn):
                return execution
        raise UnknownName("execution", name or "", self.executions)

    def start(
        self,
        machine: StateMachine,
        input: JSONValue = ABSENT,
        *,
        name: str | None = None,
        clock: str | Clock | Scheduler = "virtual",
        seed: int = 0,
        observers: tuple[ExecutionInstrument, ...] = (),
        mock: MockedTestCase | None = None,
    ) -> Execution:
        """Make an execution, ready to ``run()``; see ``StateMachine.run`` for the arguments and errors."""
        payload = _input_of(input)
        compiled = machine.compiled() if mock is None else machine.compiled(mock.state_names)
        execution_name, key = self._execution_name(machine.name, name)
        id_seed = f"{machine.name}/{execution_name}/{seed}"
        scheduler = self._scheduler_for(clock)
        resolver = WorkspaceTasks(self, machine, scheduler, id_seed)
        mocked = None if mock is None else MockedTasks(mock, resolver, scheduler)
        execution = Execution(
            definition=machine.definition,
            compiled=compiled,
            header=ExecutionHeader(execution_name, machine.identity, payload, seed),
            scheduler=scheduler,
            resolver=resolver if mocked is None else mocked,
            buckets=self.buckets,
        )
        if observers or self.observer_factories:
            made = [factory(execution) for factory in self.observer_factories]
            execution.observe(*observers, *(observer for observer in made if observer is not None))
        self.executions[key] = execution
        return execution

    def substitution(self, name: str) -> str | None:
        """What ``${name}`` stands for when it names no function: a machine's ARN, or a text of the notebook."""
        if name in self.machines:
            return self.machines[name].arn
        return self.activities.arn_of(name) or self.substitutions(name)

    def _execution_name(self, machine_name: str, wanted: str | None) -> tuple[str, str]:
        """The name of an execution and the key that it is kept under, which tells the machine where it must."""
        if wanted is not None:
            if self._find(machine_name, wanted) is not None:
                hint = "A machine's executions have names of their own: choose another, or leave it out."
                raise InvalidInput(f"an execution named {wanted!r} exists already.", hint=hint)
            return wanted, f"{machine_name}:{wanted}" if wanted in self.executions else wanted
        while True:
            count = self._counters[machine_name] = self._counters.get(machine_name, 0) + 1
            name = f"{machine_name}-{count}"
            if name not in self.executions:
                return name, name

    def find_execution(self, machine: StateMachine, name: str) -> Execution | None:
        """The execution of ``machine`` with that name, if there is one."""
        return self._find(machine.name, name)

    def _find(self, machine_name: str, name: str) -> Execution | None:
        for key in (name, f"{machine_name}:{name}"):
            execution = self.executions.get(key)
            if execution is not None and execution.machine_name == machine_name and execution.name == name:
                return execution
        return None

    def machine_of_arn(self, arn: str) -> StateMachine | None:
        """The machine that an ARN or a name stands for; a version or an alias in it is not looked at."""
        parts = arn.split(":")
        name = parts[6] if len(parts) > 6 else arn
        return self.machines.get(name)

    def create_activity(self, name: str) -> str:
        """Make an activity and return its ARN, as CreateActivity does."""
        return self.activities.create(name, self.account.activity_arn(name)).arn

    def get_activity_task(self, activity: str, worker_name: str | None = None) -> JSONObject:
        """The oldest waiting task of an activity: ``taskToken`` and ``input`` (JSON text), or ``{}``.

        Raises:
            UnknownName: If there is no such activity.
        """
        task = self.activities.take(activity, worker_name)
        if task:
            self._go_on(self.holder_of(task["taskToken"]))
        return task

    def activity_worker(
        self, activity: str, *, name: str | None = None, duration: float = 0.0
    ) -> Callable[[WorkerHandler], WorkerHandler]:
        """Make a function the worker of an activity: it does every task, those that wait and those that come.

        The function takes the task's input and returns its output; what it raises fails the task. It does one task at a
        time. Run its cell again, and the new one takes over.

        Args:
            activity: Name or ARN; made if there is none.
            name: The worker's name in histories; the function's without it.
            duration: Modelled seconds that each task takes.

        Raises:
            InvalidInput: If the function cannot be called with a task's input.
        """

        def register(handler: WorkerHandler) -> WorkerHandler:
            self.create_activity(activity.rpartition(":")[2])
            worker = ActivityWorker(self.activities.find(activity), handler, name=name, duration_seconds=duration)
            worker.activity.add_worker(worker)
            while not worker.is_busy and (execution := worker.work_once()) is not None:
                self._go_on(execution)
            return handler

        return register

    def remove_activity_worker(self, activity: str, name: str | None = None) -> None:
        """Let the worker of that name, or all workers of an activity, take no more tasks.

        Raises:
            UnknownName: If there is no such activity, or no such worker.
        """
        found = self.activities.find(activity)
        if name is not None and name not in {worker.name for worker in found.workers}:
            raise UnknownName(f"worker of {found.name}", name, [worker.name for worker in found.workers])
        found.workers = [worker for worker in found.workers if name not in {None, worker.name}]

    def work(self, activity: str, handler: WorkerHandler, *, limit: int | None = None, name: str | None = None) -> int:
        """Do the tasks of an activity that wait now, at most ``limit``, and return how many that were.

        Raises:
            UnknownName: If there is no such activity.
            InvalidInput: If the function cannot be called with a task's input.
        """
        worker = ActivityWorker(self.activities.find(activity), handler, name=name)
        done = 0
        while (limit is None or done < limit) and (execution := worker.work_once()) is not None:
            done += 1
            self._go_on(execution)
        return done

    def waiting(self) -> list[Waiting]:
        """Every task that waits for somebody: a person, a worker, another execution; oldest first."""
        return self.tokens.waiting()

    def token_of(self, reference: str | None = None) -> str:
        """The token of the one task that waits in the state, or in the execution, of that name; a token is itself.

        Raises:
            UnknownName: If there is none, with the names under which something waits.
            InvalidInput: If there are several, or if it waits for a worker that has not taken it yet.
        """
        return self.tokens.token_of(reference, executions=self.executions)

    def send_task_success(self, task_token: str, output: JSONValue) -> None:
        """Answer a waiting task with an output; its execution goes on.

        Raises:
            TaskTokenError: If the token is unknown or spent.
            InvalidInput: If ``output`` is not JSON.
        """
        execution = self.holder_of(task_token)
        execution.succeed_task(task_token, _input_of(output))
        self._go_on(execution)

    def send_task_failure(self, task_token: str, error: str | None = None, cause: str | None = None) -> None:
        """Answer a waiting task with an error; its execution goes on, perhaps by a Catch."""
        execution = self.holder_of(task_token)
        execution.fail_task(task_token, error, cause)
        self._go_on(execution)

    def send_task_heartbeat(self, task_token: str) -> None:
        """Tell that a waiting task is still worked on."""
        execution = self.holder_of(task_token)
        execution.heartbeat_task(task_token)
        self._go_on(execution)

    def holder_of(self, task_token: str) -> Execution:
        """The execution whose task a token answers.

        Raises:
            TaskTokenError: If the token is none of this workspace.
        """
        return self.tokens.holder(task_token)

    def _go_on(self, execution: Execution) -> None:
        # Within a run (a function that answers a token, say) the clock goes on by itself.
        if not execution.is_clock_running:
            execution.root.resume()

    def _scheduler_for(self, clock: str | Clock | Scheduler) -> Scheduler:
        if isinstance(clock, Scheduler):
            return clock
        if clock == "virtual":
            return self.scheduler
        return Scheduler(parse_clock(clock) if isinstance(clock, str) else clock)


def _input_of(value: JSONValue) -> JSONValue:
    """The input as plain JSON of its own, so that a notebook variable that changes later changes no execution."""
    try:
        payload, text = _json.copied({} if value is ABSENT else value)
    except (TypeError, ValueError, RecursionError) as error:
        hint = "Use dictionaries with text keys, lists, texts, numbers, True, False and None."
        raise InvalidInput(f"the input is not JSON: {error}", hint=hint) from None
    if len(text) > 2 * _json.MAX_NESTING and _json.is_too_deep(payload):
        hint = "Pass a flatter value."
        raise InvalidInput(f"the input nests lists and dictionaries more than {_json.MAX_NESTING} deep.", hint=hint)
    # A character has at most 4 bytes: only long texts need counting.
    if len(text) * 4 > MAX_INPUT_BYTES and (size := _json.size_bytes(payload)) > MAX_INPUT_BYTES:
        hint = "Pass a reference to the data instead."
        raise InvalidInput(f"the input has {size:,} bytes; Step Functions takes {MAX_INPUT_BYTES:,}.", hint=hint)
    return payload


_current: list[Workspace] = []


def current_workspace() -> Workspace:
    """The workspace of this kernel or process, made when first asked for."""
    if not _current:
        _current.append(Workspace())
    return _current[0]
