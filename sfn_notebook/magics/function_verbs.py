"""The verbs that call functions as Lambda does, and set what it lets one set; each is a thin shell over the workspace.

Names and options are the AWS CLI's, beside short ones. Source: AWS CLI command reference, "lambda".
"""

from typing import Final

from sfn_notebook._json import ABSENT, JSONObject
from sfn_notebook.errors import InvalidInput
from sfn_notebook.functions.invoke_api import InvocationType
from sfn_notebook.magics.arguments import Arguments, Kind, Operand, Option, read_input
from sfn_notebook.magics.listings import Description, Listing, Text, table
from sfn_notebook.magics.session import Session, Verb


def _invoke(session: Session, arguments: Arguments) -> Description:
    given = arguments.options.get("--input")
    response = session.workspace.invoke(
        arguments.operands["NAME"],
        ABSENT if given is None else read_input(given, session.variables),
        arguments.text("--type", InvocationType.REQUEST_RESPONSE) or InvocationType.REQUEST_RESPONSE,
        qualifier=arguments.text("--qualifier"),
    )
    shown = response.as_aws()
    if response.payload is not ABSENT:
        shown["Payload"] = response.payload
    if arguments.has("--log"):
        shown["Log"] = response.log.splitlines()
    return Description(shown)


def _advance(session: Session, arguments: Arguments) -> Text:
    workspace = session.workspace
    began_seconds = workspace.scheduler.now()
    workspace.advance(arguments.seconds("--seconds"))
    return Text(f"{workspace.scheduler.now() - began_seconds:g} s have passed.")


def _list_functions(session: Session, arguments: Arguments) -> Listing:
    del arguments
    service = session.workspace.lambda_service
    rows: list[JSONObject] = []
    for function in session.workspace.registry:
        configuration, metrics = function.configuration, service.log.metrics(function.name)
        # Looked at, not made: whoever lists functions changes nothing about them.
        deployment = service.deployments.known(function.name)
        reserved = configuration.reserved_concurrency if deployment is None else deployment.reserved_concurrency
        versions = () if deployment is None else deployment.versions
        rows.append(
            {
                "FunctionName": function.name,
                "MemorySize": configuration.memory_megabytes,
                "Timeout": configuration.timeout_seconds,
                "ReservedConcurrentExecutions": reserved,
                "Versions": [each.version for each in versions],
                "Aliases": [] if deployment is None else [each.name for each in deployment.versions.aliases],
                "Invocations": metrics.invocations,
                "Errors": metrics.errors,
                "Throttles": metrics.throttles,
            }
        )
    headings = (
        "function",
        "memory",
        "timeout",
        "reserved",
        "versions",
        "aliases",
        "invocations",
        "errors",
        "throttles",
    )
    return Listing(rows, table(headings, [[_cell(each) for each in row.values()] for row in rows]))


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, list):
        return ", ".join(value) or "-"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _publish_version(session: Session, arguments: Arguments) -> Description:
    service = session.workspace.lambda_service
    published = service.publish_version(arguments.operands["NAME"], arguments.text("--description") or "")
    return Description({"FunctionArn": published.arn, "Version": published.version})


def _create_alias(session: Session, arguments: Arguments) -> Description:
    given = arguments.options.get("--routing")
    routing = {} if given is None else read_input(given, session.variables, "--routing")
    if not isinstance(routing, dict):
        raise InvalidInput("--routing takes an object.", hint='{"2": 0.1} gives version 2 a tenth of the invocations.')
    alias = session.workspace.lambda_service.create_alias(
        arguments.operands["NAME"],
        arguments.operands["ALIAS"],
        arguments.operands["VERSION"],
        routing=routing.get("AdditionalVersionWeights", routing),
    )
    shown: JSONObject = {"AliasArn": alias.arn, "Name": alias.name, "FunctionVersion": alias.function_version}
    if alias.routing:
        shown["RoutingConfig"] = {"AdditionalVersionWeights": dict(alias.routing)}
    return Description(shown)


def _put_concurrency(session: Session, arguments: Arguments) -> Description:
    text = arguments.operands["COUNT"]
    if not text.isdecimal():
        raise InvalidInput(f"COUNT takes a whole number, not {text!r}.")
    session.workspace.lambda_service.put_function_concurrency(arguments.operands["NAME"], int(text))
    return Description({"ReservedConcurrentExecutions": int(text)})


_FUNCTION: Final = Operand(
    name="NAME",
    kind=Kind.FUNCTION,
    summary="A function's name or ARN, with a version or an alias after a colon if wanted.",
    aliases=("--function-name",),
)

FUNCTION_VERBS: Final[tuple[Verb, ...]] = (
    Verb(
        name="invoke",
        summary="Invoke a function as Lambda does, and show the answer.",
        body=_invoke,
        method="validate_order.invoke(payload, invocation_type), workspace.invoke(name, payload, invocation_type)",
        operands=(_FUNCTION,),
        options=(
            Option(
                name="--input",
                kind=Kind.INPUT,
                metavar="JSON|VARIABLE",
                summary="The event: JSON text, or a variable's name; {} by default.",
                aliases=("--payload",),
            ),
            Option(
                name="--type",
                kind=Kind.CHOICE,
                metavar="TYPE",
                choices=tuple(InvocationType),
                summary="RequestResponse (by default), Event or DryRun.",
                aliases=("--invocation-type",),
            ),
            Option(name="--qualifier", metavar="NAME", summary="A version or an alias."),
            Option(name="--log", kind=Kind.FLAG, summary="Show the function's log of this call."),
        ),
    ),
    Verb(
        name="advance",
        summary="Let modelled time pass: asynchronous events run, are tried again and go to their destinations.",
        body=_advance,
        method="workspace.advance(seconds)",
        options=(
            Option(
                name="--seconds",
                kind=Kind.SECONDS,
                metavar="SECONDS",
                summary="By how much; without it, until nothing is left that happens by itself.",
            ),
        ),
    ),
    Verb(
        name="list-functions",
        aliases=("functions",),
        summary="List functions with what is set for them and how often they were called.",
        body=_list_functions,
        method="workspace.registry, workspace.lambda_service.log.metrics(name)",
    ),
    Verb(
        name="publish-version",
        summary="Keep a function as it is now under the next version number.",
        body=_publish_version,
        method="validate_order.publish_version(description)",
        operands=(_FUNCTION,),
        options=(Option(name="--description", metavar="TEXT", summary="What is special about it."),),
    ),
    Verb(
        name="create-alias",
        summary="Give a version of a function a name, and other versions a share of its calls.",
        body=_create_alias,
        method="validate_order.create_alias(name, function_version, routing={...})",
        operands=(
            _FUNCTION,
            Operand(name="ALIAS", summary="The alias.", aliases=("--name",)),
            Operand(name="VERSION", summary="The version that it stands for.", aliases=("--function-version",)),
        ),
        options=(
            Option(
                name="--routing",
                kind=Kind.INPUT,
                metavar="JSON|VARIABLE",
                summary='Shares of other versions: {"2": 0.1}.',
                aliases=("--routing-config",),
            ),
        ),
    ),
    Verb(
        name="put-function-concurrency",
        summary="Reserve execution environments for a function; 0 turns it off.",
        body=_put_concurrency,
        method="workspace.lambda_service.put_function_concurrency(name, count)",
        operands=(
            _FUNCTION,
            Operand(name="COUNT", summary="How many.", aliases=("--reserved-concurrent-executions",)),
        ),
    ),
)
"""These verbs, in the order of ``%sfn help``."""
