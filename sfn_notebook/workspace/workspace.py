"""What one kernel holds: machines, functions, executions and the time that they share; it draws nothing."""

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from sfn_notebook._json import ABSENT, JSONObject, JSONValue
from sfn_notebook.asl.compile import CompiledDefinition
from sfn_notebook.asl.source import Format
from sfn_notebook.engine.breakpoints import Breakpoint
from sfn_notebook.engine.buckets import Buckets
from sfn_notebook.engine.context_object import ExecutionHeader
from sfn_notebook.engine.execution import Execution, ExecutionInstrument
from sfn_notebook.engine.past import Past
from sfn_notebook.engine.resources import TaskResolver
from sfn_notebook.errors import InvalidInput, UnknownName
from sfn_notebook.functions.invoke_api import InvokeResponse
from sfn_notebook.functions.registry import FunctionRegistry, default_registry
from sfn_notebook.integrations.aws.service_handlers import Handler
from sfn_notebook.integrations.buckets import FolderBuckets
from sfn_notebook.runtime.clock import Clock, parse_clock
from sfn_notebook.runtime.ids import DEFAULT_ACCOUNT, Account
from sfn_notebook.runtime.scheduler import Scheduler
from sfn_notebook.views.interactions import Interactions
from sfn_notebook.workspace.accounts import Accounts
from sfn_notebook.workspace.activities import Activities
from sfn_notebook.workspace.answers import AnsweredTasks, answers_of
from sfn_notebook.workspace.aws_services import AwsServices
from sfn_notebook.workspace.binding import breakpoints_of
from sfn_notebook.workspace.destination_routes import install_destinations
from sfn_notebook.workspace.event_source_verbs import EventSourceVerbs
from sfn_notebook.workspace.execution_logs import OFF, LogWriter
from sfn_notebook.workspace.function_calls import lambda_service_of
from sfn_notebook.workspace.interaction_log import InteractionLog
from sfn_notebook.workspace.machine import StateMachine, read
from sfn_notebook.workspace.mock_config import MockedTasks, MockedTestCase
from sfn_notebook.workspace.notebook_execution import DebuggedNotebookExecution, NotebookExecution
from sfn_notebook.workspace.payloads import payload_of
from sfn_notebook.workspace.tasks import WorkspaceTasks
from sfn_notebook.workspace.waiting import TokenHolders, Waiting
from sfn_notebook.workspace.workers import ActivityWorker, WorkerHandler


class Workspace(EventSourceVerbs):
    """Machines and executions by name, in the order of their making.

    Executions on the default virtual clock share one scheduler, so that they live in the same modelled time; a run that
    asks for another clock gets one of its own. ``observer_factories`` are asked once for each execution that starts;
    ``source_name`` maps the file of a notebook cell to what a person knows it by. ``lambda_service`` is
    the Lambda that runs the functions when they are invoked directly. ``scheduler`` is time that it shares.
    """

    def __init__(
        self,
        *,
        registry: FunctionRegistry | None = None,
        clock: Clock | None = None,
        scheduler: Scheduler | None = None,
        account: Account = DEFAULT_ACCOUNT,
        buckets: Buckets | None = None,
    ) -> None:
        self.registry = registry if registry is not None else default_registry()
        self.account = account
        self.buckets: Buckets = FolderBuckets() if buckets is None else buckets
        self.source_name: Callable[[str], str | None] | None = None
        self.lambda_service = lambda_service_of(self, scheduler if clock is None else Scheduler(clock))
        self.scheduler = self.lambda_service.scheduler
        self.machines: dict[str, StateMachine] = {}
        self.executions: dict[str, Execution] = {}
        self.activities = Activities()
        self.tokens = TokenHolders()
        self.accounts = Accounts(self)
        self.aws = AwsServices(self)
        install_destinations(self)
        self.observer_factories: list[Callable[[Execution], ExecutionInstrument | None]] = []
        self.substitutions: Callable[[str], str | None] = lambda _name: None
        # A run that went on by a click has a thread of its own, but all runs share the scheduler: one at a time.
        self.turn = threading.RLock()
        self._counters: dict[str, int] = {}
        self.interaction_log = InteractionLog(self.lambda_service)

    def define(
        self,
        name: str,
        definition: str | Mapping[str, Any],
        *,
        type: str = "STANDARD",
        format: Format | None = None,
        logging: Mapping[str, Any] | None = None,
    ) -> StateMachine:
        """Make a machine and keep it under ``name``; a machine of that name is replaced, its executions stay.

        ``logging`` is a ``loggingConfiguration`` as CreateStateMachine takes it.

        Raises:
            DefinitionError: With everything that is wrong; nothing is replaced then.
        """
        document = read(definition, format=format)
        machine = StateMachine(document, name=name, workspace=self, registry=self.registry, type=type, logging=logging)
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
        answers: JSONObject | None = None,
        breakpoints: Iterable[str | Breakpoint] = (),
        is_asynchronous: bool = False,
    ) -> NotebookExecution:
        """Make an execution, ready to ``run()``; see ``StateMachine.run`` for the arguments and errors.

        ``is_asynchronous``: an EXPRESS one is begun as StartExecution does it, not as StartSyncExecution.
        """
        payload = payload_of(input)
        compiled = machine.compiled() if mock is None else machine.compiled(mock.state_names)
        execution_name, key = self.execution_name(machine.name, name)
        header = ExecutionHeader(execution_name, machine.identity, payload, seed, is_asynchronous)
        scheduler = self._scheduler_for(clock)
        execution = self.make(machine, compiled, header, scheduler, mock=mock, answers=answers, breakpoints=breakpoints)
        return self.keep(key, execution, observers)

    def make(
        self,
        machine: StateMachine,
        compiled: CompiledDefinition,
        header: ExecutionHeader,
        scheduler: Scheduler,
        *,
        mock: MockedTestCase | None = None,
        answers: JSONObject | None = None,
        breakpoints: Iterable[str | Breakpoint] = (),
        past: Past | None = None,
    ) -> NotebookExecution:
        """An execution of this workspace that nobody knows yet; with a ``past`` it goes on where that ends."""
        id_seed = f"{machine.name}/{header.name}/{header.seed}"
        resolver: TaskResolver = WorkspaceTasks(self, machine, scheduler, id_seed)
        if mock is not None:
            resolver = MockedTasks(mock, resolver, scheduler)
        if answers is not None:
            resolver = AnsweredTasks(answers_of(answers, machine.definition), resolver, scheduler)
        missing_activities = self.activities.missing(compiled, frozenset() if mock is None else mock.state_names)
        if past is None and not breakpoints:
            execution = NotebookExecution(
                definition=machine.definition,
                compiled=compiled,
                header=header,
                scheduler=scheduler,
                resolver=resolver,
                buckets=self.buckets,
                missing_activities=missing_activities,
            )
        else:
            execution = DebuggedNotebookExecution(
                breakpoints=breakpoints_of(breakpoints, machine.definition),
                past=past,
                definition=machine.definition,
                compiled=compiled,
                header=header,
                scheduler=scheduler,
                resolver=resolver,
                buckets=self.buckets,
                missing_activities=missing_activities,
            )
        execution.workspace, execution.machine, execution.mock = self, machine, mock
        return execution

    def services_alone(self) -> TaskResolver:
        """Does the work of Tasks that belong to no execution."""
        return WorkspaceTasks(self, self, self.scheduler, "no-execution")

    def keep(
        self, key: str, execution: NotebookExecution, observers: tuple[ExecutionInstrument, ...] = ()
    ) -> NotebookExecution:
        """Know ``execution`` under ``key``, and let those look who look at every one."""
        if observers or self.observer_factories:
            made = [factory(execution) for factory in self.observer_factories]
            execution.observe(*observers, *(observer for observer in made if observer is not None))
        logging = execution.machine.logging
        if logging.log_group is not None and logging.level != OFF:
            execution.observe(LogWriter(self, logging))
        self.executions[key] = execution
        self.interaction_log.note_start(execution)
        return execution

    def substitution(self, name: str) -> str | None:
        """What ``${name}`` stands for when it names no function: a machine's ARN, or a text of the notebook."""
        if name in self.machines:
            return self.machines[name].arn
        return self.activities.arn_of(name) or self.substitutions(name)

    def execution_name(self, machine_name: str, wanted: str | None) -> tuple[str, str]:
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

    def in_account(self, account_id: str) -> "Workspace":
        """What this notebook has in another AWS account: machines, functions, executions of its own, in one time.

        A Task reaches a machine there with a role of that account: ``"Credentials": {"RoleArn": "arn:aws:iam::..."}``.

        Raises:
            InvalidInput: If ``account_id`` is not twelve digits.
        """
        return self.accounts.workspace(account_id, beside=self)

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

    def client(self, service: str) -> Any:
        """A boto3 client: of ``stepfunctions`` and ``lambda`` for this notebook, of others for where ``aws`` says.

        Raises:
            FeatureNotSupported: If boto3 is not installed.
        """
        return self.aws.client(service)

    def service_handler(self, name: str, *, duration: float = 0.0) -> Callable[[Handler], Handler]:
        """Let a function answer in the place of a service: ``@workspace.service_handler("glue:startJobRun.sync")``.

        It takes the Task's parameters and returns its result; the class of what it raises is the Error, its text the
        Cause. With ``.waitForTaskToken`` what it returns answers the request, and the token is answered by others.

        Args:
            name: Type, action and pattern, as a Resource ends with them, or the whole ARN.
            duration: Modelled seconds that the work takes.

        Raises:
            InvalidInput: If ``name`` names no action, or the function cannot be called with parameters alone.
        """

        def register(handler: Handler) -> Handler:
            self.aws.handlers.add(name, handler, duration_seconds=duration)
            return handler

        return register

    def waiting(self) -> list[Waiting]:
        """Every task that waits for somebody: a person, a worker, another execution; oldest first."""
        return self.tokens.waiting()

    def token_of(
        self,
        reference: str | None = None,
        *,
        iteration: int | tuple[int, ...] | None = None,
        within: Execution | None = None,
    ) -> str:
        """The token of the one task that waits in the state, or in the execution, of that name; a token is itself.

        Args:
            reference: The name of a state or an execution, an ARN or a token; without it, whatever waits.
            iteration: The index in the Map or Parallel around the state, or in all of them, outermost first.
            within: Only tasks of this execution, and of those that it started.

        Raises:
            UnknownName: If there is none, with the names under which something waits.
            InvalidInput: If there are several, or if it waits for a worker that has not taken it yet.
        """
        return self.tokens.token_of(reference, executions=self.executions, iteration=iteration, within=within)

    def send_task_success(self, task_token: str, output: JSONValue) -> None:
        """Answer a waiting task with an output; its execution goes on.

        Raises:
            TaskTokenError: If the token is unknown or spent.
            InvalidInput: If ``output`` is not JSON.
        """
        execution = self.holder_of(task_token)
        execution.succeed_task(task_token, payload_of(output))
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
            execution.root.go_on()

    def invoke(
        self,
        function_name: str,
        payload: JSONValue | bytes = ABSENT,
        invocation_type: str = "RequestResponse",
        *,
        qualifier: str | None = None,
        log_type: str = "None",
    ) -> InvokeResponse:
        """Invoke a function as Lambda's Invoke does, in modelled time; see ``LambdaService.invoke``."""
        with self.turn:
            return self.lambda_service.invoke(
                function_name, payload, invocation_type, qualifier=qualifier, log_type=log_type
            )

    def advance(self, seconds: float | None = None) -> None:
        """Let modelled time pass: asynchronous events are tried, tried again, and sent to their destinations.

        Args:
            seconds: By how much; without it, until nothing is left that happens by itself. What is due at the very end
                happens too.

        Raises:
            InvalidInput: For less than 0 seconds.
        """
        with self.turn:
            self.lambda_service.advance(seconds)
            self.tell_waiting()

    def tell_waiting(self, *, beside: Execution | None = None) -> None:
        """Tell those who look at executions which wait now though nobody ran them: an event started them, say.

        ``beside`` has told of itself, and of the executions that it started.
        """
        waiting = self.tokens.newly_waiting()
        for root in dict.fromkeys(each.root for each in waiting) if waiting else ():
            if beside is None or root.family is not beside.family:
                root.family.tell_pause()

    def interactions(self, *, since: float | Interactions | None = None) -> Interactions:
        """Who called whom and why: the notebook, functions, executions, queues and what else takes part, in order.

        Shows itself as a list and a sequence diagram.

        Args:
            since: What ``interactions()`` returned earlier, for what came after it; or a moment in modelled seconds
                since the epoch, as ``workspace.scheduler.now()`` tells it. Without it, everything.
        """
        return replace(self.interaction_log.interactions(since), read_contents=self.contents)

    def _scheduler_for(self, clock: str | Clock | Scheduler) -> Scheduler:
        if isinstance(clock, Scheduler):
            return clock
        if clock == "virtual":
            return self.scheduler
        return Scheduler(parse_clock(clock) if isinstance(clock, str) else clock)


_current: list[Workspace] = []


def current_workspace() -> Workspace:
    """The workspace of this kernel or process, made when first asked for."""
    if not _current:
        _current.append(Workspace())
    return _current[0]
