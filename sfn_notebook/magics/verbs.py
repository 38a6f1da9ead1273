"""The verbs of ``%sfn``: one table of names, options and summaries, each over a Python method that does the work.

Names and options are the AWS CLI's, beside short ones. Source: AWS CLI command reference, "stepfunctions".
"""

from collections.abc import Mapping
from functools import partial
from typing import Final

from sfn_notebook._json import ABSENT, JSONObject
from sfn_notebook.engine.description import ALL_DATA, INCLUDED_DATA
from sfn_notebook.engine.execution import Execution
from sfn_notebook.engine.log_events import LEVELS as LOG_LEVELS
from sfn_notebook.engine.status import ExecutionStatus
from sfn_notebook.errors import UnknownName, nearest
from sfn_notebook.magics.arguments import Arguments, Kind, Operand, Option, read_input
from sfn_notebook.magics.aws_verb import AWS_VERB
from sfn_notebook.magics.debugging_verbs import (
    ANSWERS_OPTION,
    BREAKPOINT_OPTIONS,
    DEBUGGING_VERBS,
    answers_in,
    breakpoints_in,
    of_notebook,
)
from sfn_notebook.magics.export_verb import EXPORT_VERB
from sfn_notebook.magics.function_verbs import FUNCTION_VERBS
from sfn_notebook.magics.interaction_verbs import CONTENTS_VERB, INTERACTIONS_VERB
from sfn_notebook.magics.listings import Description, JsonListing, Listing, Text, table
from sfn_notebook.magics.pictures import Picture, picture_of
from sfn_notebook.magics.rows import execution_rows, history_rows, log_rows, machine_rows
from sfn_notebook.magics.session import Session, Verb
from sfn_notebook.magics.waiting_verbs import WAITING_VERBS
from sfn_notebook.workspace.test_state import LEVELS


def _run(session: Session, arguments: Arguments) -> Execution:
    given = arguments.options.get("--input")
    return session.machine(arguments.operands["NAME"]).run(
        ABSENT if given is None else read_input(given, session.variables),
        name=arguments.text("--name"),
        clock=arguments.text("--clock", "virtual") or "virtual",
        seed=arguments.integer("--seed", 0),
        mock=arguments.text("--mock"),
        answers=answers_in(arguments, session.variables),
        breakpoints=breakpoints_in(arguments, session.variables),
    )


def _test_state(session: Session, arguments: Arguments) -> Description:
    given = {
        name: read_input(word, session.variables, name)
        for name, word in arguments.options.items()
        if name != "--inspection-level"
    }
    response = session.machine(arguments.operands["NAME"]).test_state(
        arguments.operands["STATE"],
        given.get("--input", ABSENT),
        inspection_level=arguments.text("--inspection-level", "DEBUG") or "DEBUG",
        mock=given.get("--mock"),
        variables=given.get("--variables"),
        context=given.get("--context"),
        state_configuration=given.get("--state-configuration"),
    )
    return Description(response)


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
    subject = session.subject(arguments.operands.get("NAME"))
    if isinstance(subject, Execution):
        return Description(subject.describe(included_data=arguments.text("--included-data", ALL_DATA) or ALL_DATA))
    return Description(subject.describe())


def _history(session: Session, arguments: Arguments) -> Listing | JsonListing:
    execution = session.execution(arguments.operands.get("EXECUTION"))
    events = execution.get_execution_history(include_execution_data=not arguments.has("--no-include-execution-data"))
    states = history_rows(events)
    order = slice(None, None, -1) if arguments.has("--reverse") else slice(None)
    limit = max(1, arguments.integer("--limit", 200))
    chosen = events[order][:limit]
    if arguments.has("--json"):
        return JsonListing(chosen)
    shown = table(("id", "type", "state", "elapsed"), states[order][:limit])
    rest = len(events) - len(chosen)
    return Listing(chosen, f"{shown}\n... {rest} more: --limit {len(events)}" if rest else shown)


def _logs(session: Session, arguments: Arguments) -> Listing | JsonListing:
    execution = of_notebook(session, arguments.operands.get("EXECUTION"))
    level = arguments.text("--level")
    events = execution.log_events(level, include_execution_data=arguments.has("--include-execution-data") or None)
    if arguments.has("--json"):
        return JsonListing(events)
    return Listing(*log_rows(events, execution))


def _graph(session: Session, arguments: Arguments) -> Picture:
    return picture_of(session.subject(arguments.operands.get("NAME")))


def _stop(session: Session, arguments: Arguments) -> Execution:
    execution = session.execution(arguments.operands.get("EXECUTION"))
    execution.stop(error=arguments.text("--error"), cause=arguments.text("--cause"))
    return execution


def _help(session: Session, arguments: Arguments) -> Text:
    del session
    name = arguments.operands.get("VERB")
    return Text(help_on(find_verb(name)) if name else overview())


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


def _json_option(name: str, summary: str) -> Option:
    return Option(name=name, kind=Kind.INPUT, metavar="JSON|VARIABLE", summary=summary)


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
        method="OrderFlow.run(input, name=..., clock=..., seed=..., answers=..., breakpoints=[...])",
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
            Option(
                name="--mock",
                metavar="FILE#TESTCASE",
                summary="Answers from a MockConfigFile in place of the states' work.",
            ),
            ANSWERS_OPTION,
            *BREAKPOINT_OPTIONS,
        ),
    ),
    Verb(
        name="test-state",
        aliases=("test",),
        summary="Run one state alone, its work mocked or done, and show what each stage made of the payload.",
        body=_test_state,
        method="OrderFlow.test_state(state_name, input, mock=..., inspection_level=...)",
        operands=(
            Operand(name="NAME", kind=Kind.MACHINE, summary="The state machine.", aliases=_MACHINE_ARN),
            Operand(name="STATE", summary="One of its states, a nested one too.", aliases=("--state-name",)),
        ),
        options=(
            _json_option("--input", "The state's input."),
            _json_option("--mock", 'What its work answers: {"result": ...} or {"errorOutput": {"error": ...}}.'),
            Option(
                name="--inspection-level",
                kind=Kind.CHOICE,
                metavar="LEVEL",
                choices=LEVELS,
                summary="INFO, DEBUG (by default) or TRACE.",
            ),
            _json_option("--variables", "Workflow variables in scope."),
            _json_option("--context", "The Context Object, beside a mock."),
            _json_option("--state-configuration", 'Where in a run it stands: {"retrierRetryCount": 1}.'),
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
        method="run.describe(included_data=...), OrderFlow.describe()",
        operands=(_SUBJECT,),
        options=(
            Option(
                name="--included-data",
                kind=Kind.CHOICE,
                metavar="DATA",
                choices=INCLUDED_DATA,
                summary="ALL_DATA (by default), or METADATA_ONLY: no input, output, error and cause.",
            ),
        ),
    ),
    Verb(
        name="history",
        aliases=("get-execution-history",),
        summary="List an execution's events.",
        body=_history,
        method="run.history, run.get_execution_history(include_execution_data=..., reverse_order=...)",
        operands=(_EXECUTION,),
        options=(
            Option(name="--json", kind=Kind.FLAG, summary="As AWS returns them."),
            _LIMIT,
            Option(name="--reverse", kind=Kind.FLAG, summary="Latest first.", aliases=("--reverse-order",)),
            Option(name="--no-include-execution-data", kind=Kind.FLAG, summary="Without payloads, as --json shows it."),
        ),
    ),
    Verb(
        name="logs",
        summary="List what an execution writes to its machine's log, or would write at another level.",
        body=_logs,
        method='run.log_events("ALL", include_execution_data=...)',
        operands=(_EXECUTION,),
        options=(
            Option(
                name="--level",
                kind=Kind.CHOICE,
                metavar="LEVEL",
                choices=LOG_LEVELS,
                summary="ALL, ERROR, FATAL or OFF; the machine's own by default.",
            ),
            Option(
                name="--include-execution-data",
                kind=Kind.FLAG,
                summary="With payloads, whatever the machine's configuration says.",
            ),
            Option(name="--json", kind=Kind.FLAG, summary="As they stand in the log."),
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
    *DEBUGGING_VERBS,
    EXPORT_VERB,
    *WAITING_VERBS,
    *FUNCTION_VERBS,
    INTERACTIONS_VERB,
    CONTENTS_VERB,
    AWS_VERB,
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
