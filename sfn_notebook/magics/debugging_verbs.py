"""The verbs that pause, edit, fork, redrive and compare executions; each is a thin shell over one of their methods."""

from collections.abc import Mapping
from typing import Final

from sfn_notebook._json import ABSENT, JSONObject, JSONValue
from sfn_notebook.engine.breakpoints import AFTER, BEFORE, Breakpoint, Condition
from sfn_notebook.engine.execution import Execution
from sfn_notebook.errors import InvalidInput
from sfn_notebook.magics.arguments import Arguments, Kind, Operand, Option, read_input
from sfn_notebook.magics.session import Session, Verb
from sfn_notebook.workspace.comparison import Comparison, compare
from sfn_notebook.workspace.notebook_execution import NotebookExecution


def breakpoints_in(arguments: Arguments, variables: Mapping[str, object]) -> list[Breakpoint]:
    """The breakpoints of ``--break`` and ``--break-after``, all with the condition of ``--break-if``."""
    condition = _condition(arguments.text("--break-if"), variables)
    places = [(BEFORE, name) for name in arguments.texts("--break")]
    places += [(AFTER, name) for name in arguments.texts("--break-after")]
    if condition is not None and not places:
        raise InvalidInput("--break-if is a condition of breakpoints.", hint="Name states with --break, --break-after.")
    return [Breakpoint(state=name, when=when, condition=condition) for when, name in places]


def _condition(text: str | None, variables: Mapping[str, object]) -> Condition | None:
    if text is None or not text.isidentifier():
        return text
    function = variables.get(text)
    if not callable(function):
        hint = "Write {% ... %}, or the name of a function of the payload."
        raise InvalidInput(f"--break-if {text}: no function has this name.", hint=hint)
    return function


def answers_in(arguments: Arguments, variables: Mapping[str, object]) -> JSONObject | None:
    """The answers of ``--answers``."""
    word = arguments.options.get("--answers")
    given: JSONObject | None = None if word is None else read_input(word, variables, "--answers")
    return given


def _payload(arguments: Arguments, variables: Mapping[str, object]) -> JSONValue:
    word = arguments.options.get("--payload")
    return ABSENT if word is None else read_input(word, variables, "--payload")


def _step(session: Session, arguments: Arguments) -> Execution:
    return session.execution(arguments.operands.get("EXECUTION")).step(arguments.seconds("--seconds"))


def _continue(session: Session, arguments: Arguments) -> Execution:
    return session.execution(arguments.operands.get("EXECUTION")).resume()


def _edit(session: Session, arguments: Arguments) -> Execution:
    execution = of_notebook(session, arguments.operands.get("EXECUTION"))
    if not arguments.has("--payload"):
        raise InvalidInput("%sfn edit needs --payload.", hint="Give JSON text, or a variable's name.")
    return execution.edit(_payload(arguments, session.variables))


def _fork(session: Session, arguments: Arguments) -> Execution:
    at = arguments.text("--at")
    definition = arguments.text("--definition")
    return of_notebook(session, arguments.operands.get("EXECUTION")).fork(
        int(at) if at is not None and at.isdecimal() else at,
        payload=_payload(arguments, session.variables),
        definition=None if definition is None else session.machine(definition),
        iteration=arguments.indices("--iteration"),
        name=arguments.text("--name"),
        breakpoints=breakpoints_in(arguments, session.variables),
        answers=answers_in(arguments, session.variables),
    )


def _redrive(session: Session, arguments: Arguments) -> Execution:
    return of_notebook(session, arguments.operands.get("EXECUTION")).redrive()


def _compare(session: Session, arguments: Arguments) -> Comparison:
    left, right = arguments.operands["LEFT"], arguments.operands["RIGHT"]
    return compare(session.execution(left), session.execution(right))


def of_notebook(session: Session, name: str | None) -> NotebookExecution:
    """The execution called ``name``, or the latest one, if it is no child of a Map Run.

    Raises:
        UnknownName: If there is none, with the nearest names.
        InvalidInput: If it is a child.
    """
    execution = session.execution(name)
    if not isinstance(execution, NotebookExecution):
        raise InvalidInput(
            f"{execution.name} is a child of a Map Run: only whole executions are edited, forked, redriven and logged."
        )
    return execution


BREAKPOINT_OPTIONS: Final = (
    Option(name="--break", kind=Kind.STATE, metavar="STATE", summary="Pause before this state; may be repeated."),
    Option(name="--break-after", kind=Kind.STATE, metavar="STATE", summary="Pause after this state; may be repeated."),
    Option(
        name="--break-if",
        metavar="CONDITION",
        summary="Only if this holds: '{% $states.input.total > 100 %}', or a function of the payload by name.",
    ),
)
ANSWERS_OPTION: Final = Option(
    name="--answers",
    kind=Kind.INPUT,
    metavar="JSON|VARIABLE",
    summary='What people will answer, by state: "approve", "reject", {"output": ...}, {"error": ...}, or a list.',
)
_EXECUTION: Final = Operand(
    name="EXECUTION",
    kind=Kind.EXECUTION,
    is_required=False,
    summary="An execution's name, ARN or variable; the latest by default.",
    aliases=("--execution-arn",),
)

DEBUGGING_VERBS: Final[tuple[Verb, ...]] = (
    Verb(
        name="step",
        summary="At a breakpoint: go on until the next state. Else move a manual clock to the next due time.",
        body=_step,
        method="run.step(), run.step(seconds)",
        operands=(_EXECUTION,),
        options=(
            Option(name="--seconds", kind=Kind.SECONDS, metavar="SECONDS", summary="Modelled seconds to move by."),
        ),
    ),
    Verb(
        name="continue",
        aliases=("resume",),
        summary="Leave a breakpoint and go on.",
        body=_continue,
        method="run.resume()",
        operands=(_EXECUTION,),
    ),
    Verb(
        name="edit",
        summary="Replace the payload at a breakpoint: the input of the state before it, or the output after it.",
        body=_edit,
        method="run.edit(payload)",
        operands=(_EXECUTION,),
        options=(
            Option(
                name="--payload", kind=Kind.INPUT, metavar="JSON|VARIABLE", summary="JSON text, or a variable's name."
            ),
        ),
    ),
    Verb(
        name="fork",
        summary="Go on from a moment of an execution as another one: with another payload, definition or functions.",
        body=_fork,
        method="run.fork(at, payload=..., definition=..., functions=...)",
        operands=(_EXECUTION,),
        options=(
            Option(
                name="--at",
                kind=Kind.STATE,
                metavar="STATE|EVENT",
                summary="A state's latest visit, or the id of an event; where it failed or waits by default.",
            ),
            Option(
                name="--payload", kind=Kind.INPUT, metavar="JSON|VARIABLE", summary="Another payload for that state."
            ),
            Option(name="--definition", kind=Kind.MACHINE, metavar="MACHINE", summary="Another state machine."),
            Option(name="--iteration", metavar="INDEX", summary="Which visit, in a Map: its index, or 0,2."),
            Option(name="--name", metavar="TEXT", summary="The new execution's name; numbered by default."),
            *BREAKPOINT_OPTIONS,
            ANSWERS_OPTION,
        ),
    ),
    Verb(
        name="redrive-execution",
        aliases=("redrive",),
        summary="Go on with what failed or was stopped in an execution, under the same ARN.",
        body=_redrive,
        method="run.redrive()",
        operands=(_EXECUTION,),
    ),
    Verb(
        name="compare",
        summary="Where two executions part, and what differs in each state.",
        body=_compare,
        method="run.compare(other)",
        operands=(
            Operand(name="LEFT", kind=Kind.EXECUTION, summary="An execution's name, ARN or variable."),
            Operand(name="RIGHT", kind=Kind.EXECUTION, summary="Another one."),
        ),
    ),
)
"""These verbs, in the order of ``%sfn help``."""
