"""The verbs that answer what waits: tasks with a token, and activities; each is a thin shell over the workspace."""

from typing import Final

from sfn_notebook.engine.execution import Execution
from sfn_notebook.magics.arguments import Arguments, Kind, Operand, Option, read_input
from sfn_notebook.magics.listings import Description, Listing
from sfn_notebook.magics.rows import waiting_rows
from sfn_notebook.magics.session import Session, Verb


def _waiting(session: Session, arguments: Arguments) -> Listing:
    del arguments
    return Listing(*waiting_rows(session.workspace.waiting()))


def _token(session: Session, arguments: Arguments) -> tuple[str, Execution]:
    token = session.workspace.token_of(arguments.operands.get("TASK"), iteration=arguments.indices("--iteration"))
    return token, session.workspace.holder_of(token)


def _send_task_success(session: Session, arguments: Arguments) -> Execution:
    given = arguments.options.get("--output")
    output = {} if given is None else read_input(given, session.variables, "--output")
    token, execution = _token(session, arguments)
    session.workspace.send_task_success(token, output)
    return execution


def _send_task_failure(session: Session, arguments: Arguments) -> Execution:
    token, execution = _token(session, arguments)
    session.workspace.send_task_failure(token, arguments.text("--error"), arguments.text("--cause"))
    return execution


def _send_task_heartbeat(session: Session, arguments: Arguments) -> Execution:
    token, execution = _token(session, arguments)
    session.workspace.send_task_heartbeat(token)
    return execution


def _get_activity_task(session: Session, arguments: Arguments) -> Description:
    activity = arguments.operands["ACTIVITY"]
    return Description(session.workspace.get_activity_task(activity, arguments.text("--worker-name")))


def _create_activity(session: Session, arguments: Arguments) -> Description:
    return Description({"activityArn": session.workspace.create_activity(arguments.operands["NAME"])})


_TASK: Final = Operand(
    name="TASK",
    kind=Kind.WAITING,
    is_required=False,
    summary="The state or the execution that waits, or the task's token; the only one that waits by default.",
    aliases=("--task-token",),
)

_ITERATION: Final = Option(
    name="--iteration",
    metavar="INDEX",
    summary="Which one, if several wait there: its index in the Map, or 0,2 for several Maps around it.",
)

WAITING_VERBS: Final[tuple[Verb, ...]] = (
    Verb(
        name="waiting",
        aliases=("list-waiting-tasks",),
        summary="List the tasks that wait for an answer, with their tokens.",
        body=_waiting,
        method="workspace.waiting()",
    ),
    Verb(
        name="send-task-success",
        aliases=("approve",),
        summary="Answer a waiting task with an output; its execution goes on.",
        body=_send_task_success,
        method="workspace.send_task_success(token, output), run.approve(state, output)",
        operands=(_TASK,),
        options=(
            Option(
                name="--output",
                kind=Kind.INPUT,
                metavar="JSON|VARIABLE",
                summary="JSON text, or a variable's name; {} by default.",
                aliases=("--task-output",),
            ),
            _ITERATION,
        ),
    ),
    Verb(
        name="send-task-failure",
        aliases=("reject",),
        summary="Answer a waiting task with an error, for its Retry and Catch.",
        body=_send_task_failure,
        method="workspace.send_task_failure(token, error, cause), run.reject(state, error, cause)",
        operands=(_TASK,),
        options=(
            Option(name="--error", metavar="TEXT", summary="The Error Name."),
            Option(name="--cause", metavar="TEXT", summary="The text that explains it."),
            _ITERATION,
        ),
    ),
    Verb(
        name="send-task-heartbeat",
        aliases=("heartbeat",),
        summary="Tell that a waiting task is still worked on: its HeartbeatSeconds begin anew.",
        body=_send_task_heartbeat,
        method="workspace.send_task_heartbeat(token), run.heartbeat(state)",
        operands=(_TASK,),
        options=(_ITERATION,),
    ),
    Verb(
        name="create-activity",
        summary="Make an activity: a queue of tasks for workers.",
        body=_create_activity,
        method="workspace.create_activity(name)",
        operands=(Operand(name="NAME", summary="The activity's name.", aliases=("--name",)),),
    ),
    Verb(
        name="get-activity-task",
        summary="Take the oldest task that waits for a worker: its token and its input.",
        body=_get_activity_task,
        method="workspace.get_activity_task(activity, worker_name)",
        operands=(Operand(name="ACTIVITY", kind=Kind.ACTIVITY, summary="Name or ARN.", aliases=("--activity-arn",)),),
        options=(Option(name="--worker-name", metavar="TEXT", summary="The worker's name, for the history."),),
    ),
)
"""These verbs, in the order of ``%sfn help``."""
