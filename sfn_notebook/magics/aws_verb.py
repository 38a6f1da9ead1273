"""The verb that says where AWS's services are; it is a thin shell over ``workspace.aws`` and calls no service."""

from typing import Final

from sfn_notebook.errors import InvalidInput, UnknownName
from sfn_notebook.magics.arguments import Arguments, Operand, Option
from sfn_notebook.magics.listings import Text
from sfn_notebook.magics.session import Session, Verb

_PLACES: Final = ("local", "endpoint", "profile")


def _aws(session: Session, arguments: Arguments) -> Text:
    aws = session.workspace.aws
    where, target = arguments.operands.get("WHERE"), arguments.operands.get("TARGET")
    if where not in (None, *_PLACES):
        raise UnknownName("place of AWS's services", where, _PLACES)
    if where in ("endpoint", "profile") and target is None:
        raise InvalidInput(f"%sfn aws {where} needs a target.", hint=f"Write %sfn aws {where} {_EXAMPLES[where]}.")
    match where:
        case "local":
            aws.use_local()
        case "endpoint":
            aws.use_endpoint(target or "", profile=arguments.text("--profile"), region=arguments.text("--region"))
        case "profile":
            aws.use_profile(target or "", region=arguments.text("--region"))
    return Text(f"AWS services: {aws.place}")


_EXAMPLES: Final = {"endpoint": "http://127.0.0.1:4566", "profile": "dev"}

AWS_VERB: Final = Verb(
    name="aws",
    summary="Say where AWS's services are: local (by default), endpoint URL, or profile NAME of a real account.",
    body=_aws,
    method="workspace.aws.use_local(), .use_endpoint(url), .use_profile(name)",
    operands=(
        Operand(name="WHERE", is_required=False, summary="local, endpoint or profile; without it, tell where."),
        Operand(name="TARGET", is_required=False, summary="The endpoint's URL, or the profile's name."),
    ),
    options=(
        Option(name="--region", metavar="REGION", summary="The Region; the profile's by default."),
        Option(name="--profile", metavar="NAME", summary="Whose credentials an endpoint gets; none by default."),
    ),
)
