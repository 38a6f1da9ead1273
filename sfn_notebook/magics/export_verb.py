"""The verb that writes a machine or an execution to a file; what the file looks like is another module's."""

from typing import Final

from sfn_notebook.magics.arguments import Arguments, Kind, Operand, Option
from sfn_notebook.magics.listings import Text
from sfn_notebook.magics.session import Session, Verb


def _export(session: Session, arguments: Arguments) -> Text:
    from sfn_notebook.widgets.export import TEXT_FORMATS, document_of, export

    subject = session.subject(arguments.operands.get("NAME"))
    format, path = arguments.text("--format"), arguments.text("--output")
    if path is None and format in TEXT_FORMATS:
        return Text(document_of(subject, format).decode().rstrip("\n"))
    written = export(subject, path, format=format)
    return Text(f"{subject.name} is written to {written}")


FORMATS: Final = ("html", "svg", "png", "mermaid", "text")

EXPORT_VERB: Final = Verb(
    name="export",
    summary="Write a state machine or an execution to a file that needs no kernel and no network.",
    body=_export,
    method="sfn_notebook.export(run, path, format=...)",
    operands=(
        Operand(
            name="NAME",
            kind=Kind.MACHINE_OR_EXECUTION,
            is_required=False,
            summary="A machine or an execution; the latest execution by default.",
            aliases=("--execution-arn", "--state-machine-arn"),
        ),
    ),
    options=(
        Option(
            name="--format",
            kind=Kind.CHOICE,
            metavar="FORMAT",
            choices=FORMATS,
            summary="html by default, or what the file's name ends with.",
        ),
        Option(
            name="--output",
            metavar="PATH",
            summary="The file; by default NAME in the working folder, and for mermaid and text the cell's output.",
        ),
    ),
)
