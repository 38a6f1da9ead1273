"""The verbs of ``%sfn``: one table of names, options and summaries, each over a Python method that does the work.

Names and options are the AWS CLI's, beside short ones. Source: AWS CLI command reference, "stepfunctions".
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeAlias

from sfn_notebook._json import ABSENT, JSONObject
from sfn_notebook.engine.execution import Execution
from sfn_notebook.engine.status import ExecutionStatus
from sfn_notebook.errors import UnknownName, nearest
from sfn_notebook.magics.arguments import Arguments, Kind, Operand, Option, Usage, read_input
from sfn_notebook.magics.listings import Description, JsonListing, Listing, Text, table
from sfn_notebook.magics.pictures import Picture, picture_of
from sfn_notebook.magics.rows import execution_rows, history_rows, machine_rows
from sfn_notebook.workspace import StateMachine, Workspace


@dataclass(frozen=True, kw_only=True, slots=True)
class Session:
    """What a verb works on: the kernel's workspace and the notebook's variables, which are only read."""

    workspace: Workspace
    variables: Mapping[str, object]

    def machine(self, name: str) -> StateMachine:
        """The machine called ``name``, by name, ARN or variable.

        Raises:
            UnknownName: If there is none, with the nearest names.
        """
        short = _short(name)
        variable = self.variables.get(short)
        if short not in self.workspace.machines and isinstance(variable, StateMachine):
            return variable
        return self.workspace.machine(short)

    def execution(self, name: str | None) -> Execution:
        """The execution called ``name``, by name, ARN or variable; the latest one without a name.

        Raises:
            UnknownName: If there is none, with the nearest names.
        """
        short = None if name is None else _short(name)
        variable = None if short is None else self.variables.get(short)
        if short not in self.workspace.executions and isinstance(variable, Execution):
            return variable
        return self.workspace.execution(short)

    def executions(self, machine: str | None, status: str | None) -> list[Execution]:
        """The executions of a machine with a status, oldest first; ``None`` is any.

        Raises:
            UnknownName: If there is no such machine.
        """
        name = None if machine is None else self.machine(machine).name
        every = self.workspace.executions.values()
        return [each for each in every if name in {None, each.machine_name} and status in {None, each.status.value}]

    def subject(self, name: str | None) -> StateMachine | Execution:
        """The execution or the machine called ``name``; the latest execution without a name.

        Raises:
            UnknownName: If there is neither.
        """
        if name is None:
            return self.execution(None)
        try:
            return self.execution(name)
        except UnknownName as error:
            known = (*self.workspace.machines, *error.known)
        try:
            return self.machine(name)
        except UnknownName:
            raise UnknownName("state machine or execution", name, known) from None


def _short(name: str) -> str:
    return name.rpartition(":")[2] if name.startswith("arn:") else name


def _run(session: Session, arguments: Arguments) -> Execution:
    given = arguments.options.get("--input")
    return session.machine(arguments.operands["NAME"]).run(
        ABSENT if given is None else read_input(given, session.variables),
        name=arguments.text("--name"),
        clock=arguments.text("--clock", "virtual") or "virtual",
        seed=arguments.integer("--seed", 0),
    )


def _list(session: Session, arguments: Arguments, *, sections: tuple[str, ...]) -> Listing:
    rows: list[JSONObject] = []
    blocks: list[str] = []
    if "machines" in sections:
        machines, shown = machine_rows(session.workspace.machines.values())
        rows, blocks = [*rows, *machines], [*blocks, shown]
    if "executions" in sections:
        chosen = session.executions(arguments.operands.get("MACHINE"), arguments.text("--status"))
        limit = arguments.integer("--limit", 0)
        executions, shown = execution_rows(chosen[-limit:] if limit > 0 else chosen)
        rows, blocks = [*rows, *executions], [*blocks, shown]
    return Listing(rows, "\n\n".join(blocks))


def _describe(session: Session, arguments: Arguments) -> Description:
    return Description(session.subject(arguments.operands.get("NAME")).describe())


def _history(session: Session, arguments: Arguments) -> Listing | JsonListing:
    events = session.execution(arguments.operands.get("EXECUTION")).history
    states = history_rows(events)
    order = slice(None, None, -1) if arguments.has("--reverse") else slice(None)
    limit = max(1, arguments.integer("--limit", 200))
    chosen = events[order][:limit]
    if arguments.has("--json"):
        return JsonListing(chosen)
    shown = table(("id", "type", "state", "elapsed"), states[order][:limit])
    rest = len(events) - len(chosen)
    return Listing(chosen, f"{shown}\n... {rest} more: --limit {len(events)}" if rest else shown)


def _graph(session: Session, arguments: Arguments) -> Picture:
    return picture_of(session.subject(arguments.operands.get("NAME")))


def _stop(session: Session, arguments: Arguments) -> Execution:
    execution = session.execution(arguments.operands.get("EXECUTION"))
    execution.stop(error=arguments.text("--error"), cause=arguments.text("--cause"))
    return execution


def _step(session: Session, arguments: Arguments) -> Execution:
    return session.execution(arguments.operands.get("EXECUTION")).step(arguments.seconds("--seconds"))


def _help(session: Session, arguments: Arguments) -> Text:
    del session
    name = arguments.operands.get("VERB")
    return Text(help_on(find_verb(name)) if name else overview())


Body: TypeAlias = Callable[[Session, Arguments], object]


@dataclass(frozen=True, kw_only=True, slots=True)
class Verb:
    """One verb: its names, what it takes, what it does in one sentence, and the function that does it."""

    name: str
    summary: str
    body: Body
    aliases: tuple[str, ...] = ()
    operands: tuple[Operand, ...] = ()
    options: tuple[Option, ...] = ()
    method: str = ""

    @property
    def usage(self) -> Usage:
        """What follows the verb."""
        return Usage(command=f"%sfn {self.name}", operands=self.operands, options=self.options)


_MACHINE_ARN: Final = ("--state-machine-arn",)
_EXECUTION_ARN: Final = ("--execution-arn",)
_EXECUTION: Final = Operand(
    name="EXECUTION",
    kind=Kind.EXECUTION,
    is_required=False,
    summary="An execution's name, ARN or variable; the latest by default.",
    aliases=_EXECUTION_ARN,
)
_SUBJECT: Final = Operand(
    name="NAME",
    kind=Kind.MACHINE_OR_EXECUTION,
    is_required=False,
    summary="A machine or an execution; the latest execution by default.",
    aliases=(*_EXECUTION_ARN, *_MACHINE_ARN),
)
_LIMIT: Final = Option(
    name="--limit", kind=Kind.INTEGER, metavar="N", summary="At most N rows.", aliases=("--max-items", "--max-results")
)
_FILTERS: Final = (
    Option(
        name="--status",
        kind=Kind.CHOICE,
        metavar="STATUS",
        choices=tuple(ExecutionStatus),
        summary="Only executions with this status.",
        aliases=("--status-filter",),
    ),
    _LIMIT,
)
_OF_MACHINE: Final = Operand(
    name="MACHINE",
    kind=Kind.MACHINE,
    is_required=False,
    summary="Only this machine's executions.",
    aliases=_MACHINE_ARN,
)

VERBS: Final[tuple[Verb, ...]] = (
    Verb(
        name="run",
        aliases=("start-execution", "start-sync-execution"),
        summary="Run a state machine to its end and show it.",
        body=_run,
        method="OrderFlow.run(input, name=..., clock=..., seed=...)",
        operands=(Operand(name="NAME", kind=Kind.MACHINE, summary="The state machine.", aliases=_MACHINE_ARN),),
        options=(
            Option(
                name="--input", kind=Kind.INPUT, metavar="JSON|VARIABLE", summary="JSON text, or a variable's name."
            ),
            Option(name="--name", metavar="TEXT", summary="The execution's name; numbered by default."),
            Option(
                name="--clock",
                metavar="CLOCK",
                summary="virtual (waits take no time), real, manual (step it), or a factor such as 10x.",
            ),
            Option(
                name="--seed",
                kind=Kind.INTEGER,
                metavar="N",
                summary="Seed of jitter, UUIDs and random numbers; 0 by default.",
            ),
        ),
    ),
    Verb(
        name="ls",
        aliases=("list",),
        summary="List state machines and executions.",
        body=partial(_list, sections=("machines", "executions")),
        method="workspace.machines, workspace.executions",
        operands=(_OF_MACHINE,),
        options=_FILTERS,
    ),
    Verb(
        name="list-executions",
        summary="List executions only.",
        body=partial(_list, sections=("executions",)),
        method="workspace.executions",
        operands=(_OF_MACHINE,),
        options=_FILTERS,
    ),
    Verb(
        name="list-state-machines",
        summary="List state machines only.",
        body=partial(_list, sections=("machines",)),
        method="workspace.machines",
    ),
    Verb(
        name="describe",
        aliases=("describe-execution", "describe-state-machine"),
        summary="Describe an execution or a state machine as AWS does.",
        body=_describe,
        method="run.describe(), OrderFlow.describe()",
        operands=(_SUBJECT,),
    ),
    Verb(
        name="history",
        aliases=("get-execution-history",),
        summary="List an execution's events.",
        body=_history,
        method="run.history",
        operands=(_EXECUTION,),
        options=(
            Option(name="--json", kind=Kind.FLAG, summary="As AWS returns them."),
            _LIMIT,
            Option(name="--reverse", kind=Kind.FLAG, summary="Latest first.", aliases=("--reverse-order",)),
        ),
    ),
    Verb(
        name="graph",
        summary="Draw a state machine, or an execution with each state's status.",
        body=_graph,
        method="OrderFlow.graph()",
        operands=(_SUBJECT,),
    ),
    Verb(
        name="stop",
        aliases=("stop-execution",),
        summary="Stop an execution; its status becomes ABORTED.",
        body=_stop,
        method="run.stop(error=..., cause=...)",
        operands=(_EXECUTION,),
        options=(
            Option(name="--error", metavar="TEXT", summary="The Error Name to record."),
            Option(name="--cause", metavar="TEXT", summary="The text to record."),
        ),
    ),
    Verb(
        name="step",
        summary="Move a manual clock to the next due time, or by some seconds.",
        body=_step,
        method="run.step(seconds)",
        operands=(_EXECUTION,),
        options=(
            Option(name="--seconds", kind=Kind.SECONDS, metavar="SECONDS", summary="Modelled seconds to move by."),
        ),
    ),
    Verb(
        name="help",
        summary="Tell about the verbs, or about one of them.",
        body=_help,
        operands=(Operand(name="VERB", kind=Kind.VERB, is_required=False, summary="A verb."),),
    ),
)
"""Every verb, in the order of ``%sfn help``."""

_BY_NAME: Final[Mapping[str, Verb]] = {name: verb for verb in VERBS for name in (verb.name, *verb.aliases)}
VERB_NAMES: Final = tuple(_BY_NAME)
"""Every name that a verb has, each verb's own before its aliases."""


def find_verb(name: str) -> Verb:
    """The verb called ``name``, here or in the AWS CLI.

    Raises:
        UnknownName: If there is none, with the nearest names.
    """
    if name not in _BY_NAME:
        own = tuple(verb.name for verb in VERBS)
        # Aliases are offered where they are near, but not listed: that would be a screenful.
        raise UnknownName("verb of %sfn", name, dict.fromkeys((*nearest(name, VERB_NAMES), *own)))
    return _BY_NAME[name]


def overview() -> str:
    """The text of ``%sfn help``."""
    rows = [(verb.name, verb.summary, ", ".join(verb.aliases)) for verb in VERBS]
    return f"%sfn VERB ...\n\n{table(('verb', 'what it does', 'also called'), rows)}\n\n%sfn help VERB tells more."


def help_on(verb: Verb) -> str:
    """The text of ``%sfn help VERB``."""
    words = [(each.name, each.summary) for each in verb.operands]
    words += [(f"{each.name} {each.metavar}".strip(), each.summary) for each in verb.options]
    width = max((len(word) for word, _ in words), default=0)
    lines = [str(verb.usage), f"  {verb.summary}", *(f"  {word.ljust(width)}  {summary}" for word, summary in words)]
    lines += [f"  In Python: {verb.method}"] if verb.method else []
    return "\n".join(lines)
