"""A state machine as a notebook uses it: defined once, run many times; it draws nothing itself."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from sfn_notebook import _json
from sfn_notebook._json import ABSENT, JSONObject, JSONValue
from sfn_notebook.asl.compile import CompiledDefinition, compile_definition
from sfn_notebook.asl.model import Definition, TaskState
from sfn_notebook.asl.parser import parse_definition
from sfn_notebook.asl.source import Document, Format, read_document, substitute, substitution_names
from sfn_notebook.asl.validation import validate
from sfn_notebook.engine.breakpoints import Breakpoint
from sfn_notebook.engine.context_object import MachineIdentity
from sfn_notebook.engine.execution import ExecutionInstrument
from sfn_notebook.errors import InvalidInput, Problem, ResourceNotBound
from sfn_notebook.functions.function import LambdaFunction
from sfn_notebook.functions.registry import FunctionRegistry
from sfn_notebook.runtime.clock import Clock
from sfn_notebook.views.graph import Graph, graph_of
from sfn_notebook.workspace.binding import Reference, function_references, resource_binder, states_of
from sfn_notebook.workspace.execution_logs import LoggingConfiguration
from sfn_notebook.workspace.mock_config import MockedTestCase, load_test_case
from sfn_notebook.workspace.test_state import test_state

if TYPE_CHECKING:
    from sfn_notebook.workspace.notebook_execution import NotebookExecution
    from sfn_notebook.workspace.workspace import Workspace

_NAME: Final = re.compile(r"[A-Za-z0-9_.-]{1,80}")
TYPES: Final = ("STANDARD", "EXPRESS")


class StateMachine:
    """A definition with a name, joined to the functions of a workspace.

    ``warnings`` are what validation found that is not an error. ``definition`` is the model as written, with
    ``${name}`` still in it: names get their meaning when a run begins, so that the next run uses a redefined function.
    """

    def __init__(
        self,
        document: Document,
        *,
        name: str,
        workspace: "Workspace",
        registry: FunctionRegistry,
        type: str = "STANDARD",
        logging: Mapping[str, Any] | None = None,
    ) -> None:
        if not _NAME.fullmatch(name):
            hint = "Use 1 to 80 letters, digits, dots, - and _."
            raise InvalidInput(f"{name!r} cannot name a state machine.", hint=hint)
        if type not in TYPES:
            raise InvalidInput(f"no state machine type {type!r}.", hint=f"Use {' or '.join(TYPES)}.")
        self.name = name
        self.type = type
        self.definition: Definition = parse_definition(document, name=name, is_express=type == "EXPRESS")
        self.warnings: tuple[Problem, ...] = tuple(
            problem for problem in validate(document, is_express=type == "EXPRESS") if problem.severity != "ERROR"
        )
        self.registry = registry
        self.logging = LoggingConfiguration.from_request(logging)
        self.arn = workspace.account.state_machine_arn(name)
        self.identity = MachineIdentity(
            name=name,
            arn=self.arn,
            role_arn=workspace.account.role_arn("sfn-notebook"),
            type=type,
            account=workspace.account,
        )
        self._references = function_references(self.definition)
        self._substitutions = substitution_names(document)
        self._document = document
        self._workspace = workspace
        self._compiled: tuple[object, CompiledDefinition] | None = None

    @classmethod
    def from_definition(
        cls,
        definition: str | Mapping[str, Any],
        *,
        name: str,
        functions: Mapping[str, Callable[..., Any]] | None = None,
        type: str = "STANDARD",
        logging: Mapping[str, Any] | None = None,
        workspace: "Workspace | None" = None,
    ) -> "StateMachine":
        """Make a machine from JSON or YAML text, or from a dictionary, with no notebook around it.

        Args:
            definition: The definition.
            name: 1 to 80 letters, digits, ``-`` and ``_``.
            functions: Functions by the names that the definition uses; without it, those made with
                ``@lambda_function``.
            type: ``STANDARD`` or ``EXPRESS``.
            logging: A ``loggingConfiguration`` as CreateStateMachine takes it; see ``log_events`` of an execution.
            workspace: Where the machine lives; the kernel's own without it.

        Raises:
            DefinitionError: With everything that is wrong.
        """
        from sfn_notebook.workspace.workspace import current_workspace

        home = workspace if workspace is not None else current_workspace()
        registry = home.registry if functions is None else _registry_of(functions)
        document = read(definition)
        return cls(document, name=name, workspace=home, registry=registry, type=type, logging=logging)

    def __repr__(self) -> str:
        return f"<StateMachine {self.name}>"

    @property
    def text(self) -> str:
        """The definition as it was written."""
        return self._document.text

    @property
    def unbound(self) -> tuple[str, ...]:
        """Names that the definition uses and the notebook does not have yet."""
        names = [*(reference.name for reference in self._references), *self._substitutions]
        return tuple(dict.fromkeys(name for name in names if self._value_of(name) is None))

    def run(
        self,
        input: JSONValue = ABSENT,
        *,
        name: str | None = None,
        clock: str | Clock = "virtual",
        seed: int = 0,
        observers: tuple[ExecutionInstrument, ...] = (),
        mock: MockedTestCase | str | None = None,
        answers: JSONObject | None = None,
        breakpoints: Iterable[str | Breakpoint] = (),
    ) -> "NotebookExecution":
        """Run the machine until it ends, waits for somebody outside, or its clock refuses to move.

        Args:
            input: Any JSON value; ``{}`` without it.
            name: The execution's name; the machine's name and a counter without it.
            clock: ``virtual`` (waits take no time), ``real``, ``manual``, a factor such as ``10x``, or a clock.
            seed: Jitter, ``States.UUID`` and request ids repeat for the same seed.
            observers: Told of every step, beside those of the workspace.
            mock: A test case of a MockConfigFile, or ``FILE#TestCase``: its answers stand in for the states' work.
            answers: What people and workers will answer, by state name: ``"approve"``, ``"reject"``,
                ``{"output": ...}`` or ``{"error": ..., "cause": ...}``, or a list of these for one task after another.
            breakpoints: States before which to pause, by name, or ``Breakpoint`` s; see ``step``, ``resume`` and
                ``edit`` of the execution.

        Returns:
            The execution, whatever its status; ``result()`` raises if it failed.

        Raises:
            ResourceNotBound: If a Task names a function that is not there; nothing has run then.
            FeatureNotSupported: If the definition uses what this version cannot run; nothing has run then.
            InvalidInput: If ``input`` is not JSON, or the name is taken.
            UnknownName: If ``answers`` or ``breakpoints`` name a state that is not there.
            ExecutionAborted: After Ctrl-C.
        """
        test_case = load_test_case(mock, self.name) if isinstance(mock, str) else mock
        execution = self._workspace.start(
            self,
            input,
            name=name,
            clock=clock,
            seed=seed,
            observers=observers,
            mock=test_case,
            answers=answers,
            breakpoints=breakpoints,
        )
        execution.run()
        return execution

    def revised(
        self,
        *,
        definition: "str | Mapping[str, Any] | StateMachine | None" = None,
        functions: Mapping[str, Callable[..., Any]] | None = None,
    ) -> "StateMachine":
        """This machine with another definition, or with further functions; itself without either.

        Raises:
            DefinitionError: With everything that is wrong.
        """
        if isinstance(definition, StateMachine) and functions is None:
            return definition
        if definition is None and functions is None:
            return self
        base = definition if isinstance(definition, StateMachine) else self
        document = base._document if base is definition or definition is None else read(definition)  # type: ignore[arg-type]  # noqa: SLF001 - one of its own kind; a machine was taken care of
        registry = base.registry if functions is None else _registry_of(functions, beside=base.registry)
        machine = StateMachine(document, name=base.name, workspace=self._workspace, registry=registry, type=base.type)
        machine.logging = base.logging
        return machine

    def test_state(
        self,
        state_name: str,
        input: JSONValue = ABSENT,
        *,
        inspection_level: str = "DEBUG",
        mock: Mapping[str, Any] | None = None,
        variables: JSONValue = None,
        context: JSONValue = None,
        state_configuration: Mapping[str, Any] | None = None,
    ) -> JSONObject:
        """Run one state alone, as TestState does; see ``sfn_notebook.workspace.test_state`` for the arguments.

        Raises:
            ServiceError: What the API refuses, with its code and text.
            FeatureNotSupported: For a Task without a mock that nobody does, or that answers later.
        """
        values = {name: self._value_of(name) for name in self._substitutions}
        bound = substitute(self._document, {name: value for name, value in values.items() if value is not None})
        return test_state(
            definition=bound.value,
            state_name=state_name,
            input=input,
            inspection_level=inspection_level,
            mock=mock,
            variables=variables,
            context=context,
            state_configuration=state_configuration,
            registry=self.registry,
            resolver=self._workspace.services_alone(),
            account=self._workspace.account,
        )

    def describe(self) -> JSONObject:
        """What DescribeStateMachine returns, as far as it means something here."""
        return {
            "stateMachineArn": self.arn,
            "name": self.name,
            "status": "ACTIVE",
            "definition": self.text or _json.dump(self._document.value),
            "type": self.type,
        }

    def graph(self) -> Graph:
        """The machine as a graph of plain data."""
        return graph_of(self.definition, title=self.name)

    def compiled(self, mocked: frozenset[str] = frozenset()) -> CompiledDefinition:
        """The definition compiled with the names' present meanings; compiled again only when these change.

        Args:
            mocked: Names of states whose work is mocked, so that their resources need not be there.

        Raises:
            ResourceNotBound: For the first name that means nothing.
            FeatureNotSupported: For what cannot be run.
        """
        values = self._bind(mocked) if self._references or self._substitutions else {}
        key = (tuple(sorted(values.items())), mocked)
        if self._compiled is None or self._compiled[0] != key:
            definition = self.definition
            if values:
                definition = parse_definition(
                    substitute(self._document, values), name=self.name, is_express=self.type == "EXPRESS"
                )
            self._compiled = (key, compile_definition(definition, self._binder(mocked)))
        return self._compiled[1]

    def _binder(self, mocked: frozenset[str]) -> Callable[[TaskState], str]:
        return resource_binder(self.registry, mocked, self._workspace.aws.plan)

    def _bind(self, mocked: frozenset[str]) -> dict[str, str]:
        references, names = self._references_beside(mocked) if mocked else (self._references, self._substitutions)
        lost = {name for name in {each.name for each in references} if self._value_of(name) is None}
        for reference in references if lost else ():
            is_literal_of_invoke = reference.pointer.endswith("/FunctionName") and reference.name not in names
            # A literal FunctionName that nobody has is an error of the run, as on AWS, where a Catch may take it.
            if not is_literal_of_invoke and reference.name in lost:
                raise ResourceNotBound(reference.name, self.registry.names, pointer=reference.pointer)
        values = {name: self._value_of(name) for name in names}
        for name, value in values.items():
            if value is None:
                raise ResourceNotBound(name, self.registry.names, pointer=f"${{{name}}}")
        return {name: value for name, value in values.items() if value is not None}

    def _references_beside(self, mocked: frozenset[str]) -> tuple[tuple[Reference, ...], tuple[str, ...]]:
        """The references and the substitutions that do not stand in mocked states alone."""
        spared = tuple(f"{state.pointer}/" for state in states_of(self.definition) if state.name in mocked)
        references = tuple(each for each in self._references if not (spared and each.pointer.startswith(spared)))
        spared_names = {each.name for each in self._references} - {each.name for each in references}
        return references, tuple(each for each in self._substitutions if each not in spared_names)

    def _value_of(self, name: str) -> str | None:
        function = self.registry.get(name)
        if function is not None:
            return function.arn
        return self._workspace.substitution(name)


def read(definition: str | Mapping[str, Any], *, format: Format | None = None) -> Document:
    """Read a definition from text or from a dictionary."""
    if isinstance(definition, str):
        return read_document(definition, format=format)
    return Document.from_value(dict(definition))


def _registry_of(
    functions: Mapping[str, Callable[..., Any]], *, beside: Iterable[LambdaFunction] = ()
) -> FunctionRegistry:
    registry = FunctionRegistry()
    for known in beside:
        registry.register(known)
    for name, function in functions.items():
        configuration = function.configuration if isinstance(function, LambdaFunction) else None
        registry.register(LambdaFunction(function, name=name, configuration=configuration))
    return registry
