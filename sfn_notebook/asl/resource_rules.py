"""What a Task's Resource may look like: names, substitutions, ARNs, integrations; it binds and calls nothing."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from sfn_notebook._json import JSONValue
from sfn_notebook.asl.findings import Site, described, shortened

_PARTITION: Final = r"(?:[a-z][a-z-]*|\$\{[^{}]+\})"
_ARN: Final = re.compile(rf"arn:({_PARTITION}):([a-z0-9-]+):([^:]*):([^:]*):(.+)", re.DOTALL)
_FUNCTION: Final = re.compile(r"function:([A-Za-z0-9_-]{1,140})(?::(\$LATEST|[A-Za-z0-9_-]{1,128}))?")
_INTEGRATION: Final = re.compile(r"(aws-sdk:)?([A-Za-z0-9-]+):([A-Za-z0-9]+)(\.sync(?::2)?|\.waitForTaskToken)?")
_SUBSTITUTION: Final = re.compile(r"\$\{[A-Za-z_][\w.:-]*\}")
_BARE_NAME: Final = re.compile(r"[^\s:/?#]+")

ACTIONS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "dynamodb": ("getItem", "putItem", "updateItem", "deleteItem"),
        "events": ("putEvents",),
        "lambda": ("invoke",),
        "sns": ("publish",),
        "sqs": ("sendMessage",),
        "states": ("startExecution",),
    }
)
"""Optimised integrations whose list of actions is closed: service -> actions. Source: Developer Guide, "Integrating
optimized services"; recorded: dynamodb:query is refused."""

_PATTERNS_REFUSED_BY_EXPRESS: Final = (".sync", ".waitForTaskToken")


def resource_text(value: JSONValue) -> str | None:
    """A Resource as text: a string itself, or CloudFormation's Ref, Fn::GetAtt and Fn::Sub as substitutions.

    ``None`` for anything else. Source: AWS CloudFormation, "Fn::Sub" (``${Name}`` is Ref, ``${Name.Arn}`` GetAtt).
    """
    if isinstance(value, str):
        return value
    if not isinstance(value, dict) or len(value) != 1:
        return None
    function, argument = next(iter(value.items()))
    if function == "Fn::Sub" and isinstance(argument, str):
        return argument
    if function == "Ref" and isinstance(argument, str):
        return f"${{{argument}}}"
    if function == "Fn::GetAtt":
        parts = argument.split(".", 1) if isinstance(argument, str) else argument
        if isinstance(parts, list) and len(parts) == 2 and all(isinstance(part, str) for part in parts):
            return "${" + ".".join(parts) + "}"
    return None


def check_resource(site: Site) -> None:
    """A function's name, ``${Name}``, or an ARN of a function, an activity or an integration."""
    text = resource_text(site.value)
    if text is None:
        site.wrong_type("a string", "Name a function of the notebook, or give an ARN.")
        return
    if not text.strip():
        site.report("EMPTY_VALUE", '"Resource" must not be empty.', "Name a function of the notebook, or give an ARN.")
        return
    rest = _SUBSTITUTION.sub("x", text)
    if "${" in rest:
        site.report("INVALID_RESOURCE", f"The substitution in {shortened(text)} is not closed.", "Write ${Name}.")
    elif rest.startswith("arn:"):
        _check_arn(site, text, rest)
    elif not _BARE_NAME.fullmatch(rest):
        message = f"{described(text)} is neither a function name nor an ARN."
        site.report("INVALID_RESOURCE", message[0].upper() + message[1:], _bare_hint(text))


def _bare_hint(text: str) -> str:
    if text.startswith("{%"):
        return "A Resource is not evaluated: write the name or the ARN itself."
    if re.match(r"(?:aws-sdk:)?[a-z]+:[a-zA-Z]+", text):
        return f'Write "arn:aws:states:::{text}".'
    return 'Name a function of the notebook: "validate_order".'


def _check_arn(site: Site, text: str, rest: str) -> None:
    match = _ARN.fullmatch(rest)
    if match is None:
        message = f"{shortened(text)} is not a whole ARN."
        site.report("INVALID_RESOURCE", message, "An ARN is arn:partition:service:region:account:resource.")
        return
    service, resource = match[2], match[5]
    if service == "lambda":
        _check_function(site, text, resource)
    elif service == "states":
        _check_states_resource(site, text, resource)


def _check_function(site: Site, text: str, resource: str) -> None:
    if resource == "x" or _FUNCTION.fullmatch(resource):
        return
    message = f"{shortened(text)} is not the ARN of a Lambda function."
    hint = "It ends with function:NAME, or with function:NAME:ALIAS where the alias is a version, a name or $LATEST."
    site.report("INVALID_RESOURCE", message, hint)


def _check_states_resource(site: Site, text: str, resource: str) -> None:
    kind = resource.partition(":")[0]
    if kind == "activity":
        if site.scope.is_express:
            site.report("EXPRESS_INTEGRATION", "An Express machine cannot use an activity.", "Use a STANDARD machine.")
        return
    match = _INTEGRATION.fullmatch(resource)
    if match is None:
        if resource != "x":
            message = f"{shortened(text)} names no integration."
            site.report("INVALID_RESOURCE", message, "It ends with service:action, for example lambda:invoke.")
        return
    sdk, service, action, pattern = match.groups()
    if site.scope.is_express and pattern and pattern.startswith(_PATTERNS_REFUSED_BY_EXPRESS):
        message = f"An Express machine cannot use {pattern}."
        site.report("EXPRESS_INTEGRATION", message, "Use a STANDARD machine, or the request-response form.")
    known = ACTIONS.get(service)
    if sdk is None and known is not None and action not in known:
        message = f"{service}:{action} is not an optimised integration."
        hint = site.findings.suggestion(action, known) or f"There is {', '.join(known)}."
        if service != "states":
            hint = f"{hint} For every other action use arn:aws:states:::aws-sdk:{service}:{action}."
        site.report("UNKNOWN_INTEGRATION", message, hint)
