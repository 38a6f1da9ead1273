"""A definition compiled once to linked states whose expressions are closures; it does not know how states are run."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias, assert_never

from sfn_notebook._json import ABSENT, JSONValue
from sfn_notebook.asl import state_expressions as expressions
from sfn_notebook.asl.data_flow import (
    IntegerOf,
    ResultPlacer,
)
from sfn_notebook.asl.distributed_map import DistributedFields, compile_distributed_fields, compile_map_items
from sfn_notebook.asl.environment import Environment
from sfn_notebook.asl.model import (
    Branch,
    Catcher,
    ChoiceState,
    Definition,
    FailState,
    MapState,
    ParallelState,
    PassState,
    ProcessorMode,
    Retrier,
    State,
    SucceedState,
    TaskState,
    WaitState,
)
from sfn_notebook.asl.paths import Evaluator

Predicate: TypeAlias = Callable[[JSONValue, Environment], bool]
ResourceOf: TypeAlias = Callable[[TaskState], str]


@dataclass(kw_only=True, slots=True, eq=False)
class CompiledState:
    """What every compiled state has; ``next`` is ``None`` where the branch ends, a ``None`` filter changes nothing."""

    name: str
    pointer: str
    type_name: str
    entered_type: str
    exited_type: str
    next: "CompiledState | None" = None
    filter_input: Evaluator | None = None
    filter_output: Evaluator | None = None
    assign: Evaluator | None = None
    output: Evaluator | None = None


@dataclass(kw_only=True, slots=True, eq=False)
class CompiledPass(CompiledState):
    """``result`` is ``ABSENT`` where the effective input is the result."""

    parameters: Evaluator | None = None
    result: JSONValue = ABSENT
    place_result: ResultPlacer | None = None


@dataclass(kw_only=True, slots=True, eq=False)
class CompiledCatcher:
    """Where a caught error goes, and what it leaves behind."""

    state: CompiledState
    place_result: ResultPlacer | None
    assign: Evaluator | None = None
    output: Evaluator | None = None


@dataclass(kw_only=True, slots=True, eq=False)
class RetryableState(CompiledState):
    """Task, Parallel and Map: work that may be retried and caught."""

    select_result: Evaluator | None = None
    place_result: ResultPlacer | None = None
    retry: tuple[Retrier, ...] = ()
    catch: tuple[Catcher, ...] = ()
    catchers: tuple[CompiledCatcher, ...] = ()


@dataclass(kw_only=True, slots=True, eq=False)
class CompiledTask(RetryableState):
    """``resource`` is an ARN or a bare name; the engine tells its kind."""

    resource: str = ""
    parameters: Evaluator | None = None
    timeout_seconds: IntegerOf | int | None = None
    heartbeat_seconds: IntegerOf | int | None = None
    credentials: Evaluator | None = None


@dataclass(kw_only=True, slots=True, eq=False)
class CompiledRule:
    """Where a Choice goes when ``predicate`` holds, and what it leaves behind."""

    predicate: Predicate
    state: CompiledState
    assign: Evaluator | None = None
    output: Evaluator | None = None


@dataclass(kw_only=True, slots=True, eq=False)
class CompiledChoice(CompiledState):
    """``next``, ``assign`` and ``output`` are those of the default."""

    rules: tuple[CompiledRule, ...] = ()


@dataclass(kw_only=True, slots=True, eq=False)
class CompiledWait(CompiledState):
    """Exactly one of the two is set."""

    seconds: IntegerOf | int | None = None
    timestamp_seconds: Callable[[JSONValue, Environment], float] | float | None = None


@dataclass(kw_only=True, slots=True, eq=False)
class CompiledFail(CompiledState):
    """Texts, or ways to find them."""

    error: Evaluator | str | None = None
    cause: Evaluator | str | None = None


@dataclass(kw_only=True, slots=True, eq=False)
class CompiledParallel(RetryableState):
    """``branches`` are the states that the branches start at."""

    parameters: Evaluator | None = None
    branches: tuple[CompiledState, ...] = ()


@dataclass(kw_only=True, slots=True, eq=False)
class CompiledMap(RetryableState):
    """An inline Map; a ``select_item`` of ``None`` passes the item as it is."""

    items: Evaluator | None = None
    select_item: Evaluator | None = None
    max_concurrency: IntegerOf | int | None = None
    start_at: CompiledState | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CompiledDefinition:
    """A whole machine, ready to run; ``states`` maps pointers to compiled states, nested ones too.

    ``resources`` are what its Tasks name, each once.
    """

    start_at: CompiledState
    timeout_seconds: int | None
    states: Mapping[str, CompiledState] = field(repr=False)
    resources: frozenset[str] = field(default=frozenset(), repr=False)


@dataclass(kw_only=True, slots=True, eq=False)
class CompiledDistributedMap(CompiledMap):
    """A Map in Distributed mode: each child execution runs ``processor``, whose model is ``definition``."""

    fields: DistributedFields
    processor: CompiledDefinition
    definition: Definition


def compile_definition(definition: Definition, resource_of: ResourceOf | None = None) -> CompiledDefinition:
    """Compile ``definition``; ``resource_of`` gives the ARN of a Task's Resource, which may be a name of the notebook.

    Raises:
        ExpressionSyntaxError: For an expression that validation did not see.
    """
    compiler = _Compiler(resource_of or (lambda state: state.resource))
    start_at = compiler.branch(definition)
    resources = frozenset(state.resource for state in compiler.states.values() if isinstance(state, CompiledTask))
    return CompiledDefinition(
        start_at=start_at, timeout_seconds=definition.timeout_seconds, states=compiler.states, resources=resources
    )


class _Compiler:
    """Compiles branch by branch: first every state of a branch, then the links between them."""

    def __init__(self, resource_of: ResourceOf) -> None:
        self.states: dict[str, CompiledState] = {}
        self._resource_of = resource_of

    def branch(self, branch: Branch) -> CompiledState:
        compiled = {name: self.state(state) for name, state in branch.states.items()}
        for name, state in branch.states.items():
            self.link(state, compiled[name], compiled)
        return compiled[branch.start_at]

    def state(self, state: State) -> CompiledState:
        compiled = self._state_of_type(state)
        self.states[state.pointer] = compiled
        return compiled

    def _state_of_type(self, state: State) -> CompiledState:  # noqa: PLR0911 - one return per state type
        match state:
            case PassState():
                return CompiledPass(
                    **_common(state),
                    parameters=expressions.parameters(state),
                    result=state.result,
                    place_result=expressions.result_placer(state),
                )
            case TaskState():
                return CompiledTask(
                    **_common(state),
                    **_retryable(state),
                    resource=self._resource_of(state),
                    parameters=expressions.parameters(state),
                    credentials=expressions.credentials(state),
                    timeout_seconds=expressions.integer(
                        state, "TimeoutSeconds", state.timeout_seconds, state.timeout_seconds_path
                    ),
                    heartbeat_seconds=expressions.integer(
                        state, "HeartbeatSeconds", state.heartbeat_seconds, state.heartbeat_seconds_path
                    ),
                )
            case ChoiceState():
                return CompiledChoice(**_common(state))
            case WaitState():
                return CompiledWait(**_common(state), **expressions.wait_fields(state))
            case SucceedState():
                return CompiledState(**_common(state))
            case FailState():
                return CompiledFail(
                    **_common(state),
                    error=expressions.failure_text(state, "Error"),
                    cause=expressions.failure_text(state, "Cause"),
                )
            case ParallelState():
                return CompiledParallel(
                    **_common(state),
                    **_retryable(state),
                    parameters=expressions.parameters(state),
                    branches=tuple(self.branch(branch) for branch in state.branches),
                )
            case MapState() if state.item_processor.mode is ProcessorMode.DISTRIBUTED:
                return self.distributed_map(state)
            case MapState():
                return CompiledMap(
                    **_common(state),
                    **_retryable(state),
                    items=expressions.items(state),
                    select_item=expressions.item_selector(state),
                    max_concurrency=expressions.integer(
                        state, "MaxConcurrency", state.max_concurrency, state.max_concurrency_path
                    ),
                    start_at=self.branch(state.item_processor),
                )
        assert_never(state)

    def distributed_map(self, state: MapState) -> "CompiledDistributedMap":
        """Its processor is a machine of its own: children share neither variables nor history with this one."""
        branch = state.item_processor
        start_at = self.branch(branch)
        return CompiledDistributedMap(
            **_common(state),
            **_retryable(state),
            items=compile_map_items(state),
            select_item=expressions.item_selector(state),
            fields=compile_distributed_fields(state),
            processor=CompiledDefinition(start_at=start_at, timeout_seconds=None, states=self.states),
            definition=Definition(
                start_at=branch.start_at, states=branch.states, pointer=branch.pointer, comment=branch.comment
            ),
        )

    def link(self, state: State, compiled: CompiledState, siblings: Mapping[str, CompiledState]) -> None:
        if isinstance(state, ChoiceState):
            assert isinstance(compiled, CompiledChoice)  # noqa: S101 - made from this very state above
            compiled.rules = tuple(
                CompiledRule(
                    predicate=expressions.condition(rule),
                    state=siblings[rule.next_state],
                    **expressions.leaving_fields(state, rule),
                )
                for rule in state.choices
            )
            compiled.next = siblings[state.default] if state.default is not None else None
        elif not isinstance(state, SucceedState | FailState) and state.next_state is not None:
            compiled.next = siblings[state.next_state]
        if isinstance(compiled, RetryableState):
            compiled.catchers = tuple(
                CompiledCatcher(
                    state=siblings[each.next_state],
                    place_result=expressions.catcher_placer(state, each),
                    **expressions.leaving_fields(state, each),
                )
                for each in compiled.catch
            )


def _common(state: State) -> dict[str, JSONValue]:
    return {
        "name": state.name,
        "pointer": state.pointer,
        "type_name": state.type_name,
        "entered_type": f"{state.type_name}StateEntered",
        "exited_type": f"{state.type_name}StateExited",
        **expressions.common_fields(state),
    }


def _retryable(state: TaskState | ParallelState | MapState) -> dict[str, JSONValue]:
    return {
        **expressions.result_fields(state),
        "retry": state.retry,
        "catch": state.catch,
    }
