"""The verb that shows who called whom; a thin shell over the workspace."""

from typing import Final

from sfn_notebook.magics.arguments import Arguments, Kind, Option
from sfn_notebook.magics.session import Session, Verb
from sfn_notebook.views.interactions import Interactions


def _interactions(session: Session, arguments: Arguments) -> Interactions:
    workspace = session.workspace
    last_seconds = arguments.seconds("--last")
    return workspace.interactions(since=None if last_seconds is None else workspace.scheduler.now() - last_seconds)


INTERACTIONS_VERB: Final = Verb(
    name="interactions",
    summary="Show who called whom and why: functions, executions, queues and what else takes part.",
    body=_interactions,
    method="workspace.interactions(since=...)",
    options=(
        Option(
            name="--last",
            kind=Kind.SECONDS,
            metavar="SECONDS",
            summary="Only the last modelled seconds; without it, everything.",
        ),
    ),
)
"""``%sfn interactions``."""
