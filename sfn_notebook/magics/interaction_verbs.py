"""The verbs that show who called whom, and what services hold; a thin shell over the workspace."""

from typing import Final

from sfn_notebook.magics.arguments import Arguments, Kind, Operand, Option
from sfn_notebook.magics.session import Session, Verb
from sfn_notebook.views.interactions import Interactions
from sfn_notebook.views.service_contents import ServiceContents


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


def _contents(session: Session, arguments: Arguments) -> ServiceContents:
    return session.workspace.contents(arguments.operands.get("NAME"))


CONTENTS_VERB: Final = Verb(
    name="contents",
    summary="Show what queues, topics, buses, tables and buckets hold; nothing is received by it.",
    body=_contents,
    method="workspace.contents(...)",
    operands=(
        Operand(name="NAME", is_required=False, summary="A queue, topic, bus, table or bucket; all without it."),
    ),
)
"""``%sfn contents``."""
