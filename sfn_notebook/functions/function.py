"""One function: a Python handler with a Lambda name and configuration; the Lambda that it belongs to runs it."""

import copy
import functools
import inspect
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from sfn_notebook._json import ABSENT, JSONValue
from sfn_notebook.errors import InvalidInput
from sfn_notebook.functions.configuration import FunctionConfiguration
from sfn_notebook.functions.isolation import check_isolable
from sfn_notebook.runtime.ids import DEFAULT_ACCOUNT

if TYPE_CHECKING:
    from sfn_notebook.functions.invoke_api import InvokeResponse
    from sfn_notebook.functions.lambda_service import LambdaService
    from sfn_notebook.functions.versions import Alias, PublishedVersion

Handler: TypeAlias = Callable[..., Any]

VERSION: Final = "$LATEST"
"""The version that is no published one: the function as its cell defines it now."""

_WRAPPED: Final = frozenset(functools.WRAPPER_ASSIGNMENTS)
_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")


class LambdaFunction:
    """A handler that workflows can name. Calling it calls the handler plainly, with no JSON and no context.

    ``name``, ``arn``, ``configuration`` and ``handler`` are for reading. ``takes_lambda_context`` tells whether an
    invocation passes a second argument. ``version``, ``invoked_arn`` and ``environment_name`` are what an invocation
    tells its handler.

    Raises:
        InvalidInput: If the handler cannot serve as one, or the name is not one that Lambda allows.
    """

    def __init__(
        self, handler: Handler, *, name: str | None = None, configuration: FunctionConfiguration | None = None
    ) -> None:
        plain_handler = handler.handler if isinstance(handler, LambdaFunction) else handler
        _check_callable(plain_handler)
        # First: it also copies the handler's own attributes, which must not hide those set below.
        functools.update_wrapper(self, plain_handler)
        for hiding in self.__dict__.keys() & (vars(LambdaFunction).keys() - _WRAPPED):
            del self.__dict__[hiding]
        self.handler: Handler = plain_handler
        self.name = _checked_name(name, self.handler)
        self.arn = DEFAULT_ACCOUNT.function_arn(self.name)
        self.configuration = configuration or FunctionConfiguration()
        if self.configuration.is_isolated:
            check_isolable(self.handler, self.name)
        self.takes_lambda_context = _positional_count(self.handler, self.name) == 2
        self.version = VERSION
        self.invoked_arn = self.arn
        self.environment_name = self.name
        self.lambda_service: Callable[[], LambdaService] | None = None

    def as_deployed(
        self, *, version: str, invoked_arn: str, environment_name: str, handler: Handler
    ) -> "LambdaFunction":
        """The function as one execution environment runs it: the same, but for what stands here."""
        deployed = copy.copy(self)
        deployed.version, deployed.invoked_arn = version, invoked_arn
        deployed.environment_name, deployed.handler = environment_name, handler
        return deployed

    def invoke(
        self,
        payload: JSONValue = ABSENT,
        invocation_type: str = "RequestResponse",
        *,
        qualifier: str | None = None,
        log_type: str = "None",
    ) -> "InvokeResponse":
        """Invoke it as Lambda's Invoke does, in modelled time; see ``LambdaService.invoke``."""
        service = self._service()
        return service.invoke(self.name, payload, invocation_type, qualifier=qualifier, log_type=log_type)

    def publish_version(self, description: str = "") -> "PublishedVersion":
        """Keep the function as it is now under the next version number; see ``LambdaService.publish_version``."""
        return self._service().publish_version(self.name, description)

    def create_alias(
        self, name: str, function_version: str, *, routing: Mapping[str, float] | None = None, description: str = ""
    ) -> "Alias":
        """Give a version a name; see ``LambdaService.create_alias``."""
        return self._service().create_alias(self.name, name, function_version, routing=routing, description=description)

    def _service(self) -> "LambdaService":
        if self.lambda_service is None:
            raise InvalidInput(
                f"{self.name} belongs to no notebook.", hint="Define it with @lambda_function, or register it."
            )
        return self.lambda_service()

    def __call__(self, *args: Any, **kwargs: Any) -> JSONValue:
        """Call the handler as the Python function it is."""
        return self.handler(*args, **kwargs)

    def __repr__(self) -> str:
        timeout_seconds, memory = self.configuration.timeout_seconds, self.configuration.memory_megabytes
        return f"<LambdaFunction {self.name}: timeout {timeout_seconds:g} s, memory {memory} MB>"


def _check_callable(handler: object) -> None:
    if isinstance(handler, str):
        raise InvalidInput(
            f"@lambda_function was given the text {handler!r} instead of a function.",
            hint=f"To name a function write @lambda_function(name={handler!r}).",
        )
    if isinstance(handler, type) or not callable(handler):
        raise InvalidInput(
            f"@lambda_function was given {handler!r}, which is not a function.",
            hint="Put it above a def: def handler(event) or def handler(event, context).",
        )
    if inspect.isgeneratorfunction(handler) or inspect.isasyncgenfunction(handler):
        raise InvalidInput(
            f"{getattr(handler, '__name__', handler)!s} has a yield in it: it returns a generator, not a result.",
            hint="Collect what it yields in a list and return that.",
        )


def _checked_name(name: str | None, handler: Handler) -> str:
    chosen = getattr(handler, "__name__", "") if name is None else name
    if not isinstance(chosen, str) or not _NAME.fullmatch(chosen):
        raise InvalidInput(
            f"{chosen!r} cannot be the name of a Lambda function.",
            hint='Use 1 to 64 of A-Z, a-z, 0-9, "-" and "_": @lambda_function(name="validate-order").',
        )
    return chosen


def _positional_count(handler: Handler, name: str) -> int:
    """How many arguments an invocation passes: 2 if the handler takes so many, else 1."""
    remedy = "Define it as def handler(event) or def handler(event, context)."
    try:
        signature = inspect.signature(handler)
    except (TypeError, ValueError):
        raise InvalidInput(f"the arguments of {name} are not known to Python.", hint=remedy) from None
    for count in (2, 1):
        try:
            signature.bind(*range(count))
        except TypeError:
            continue
        return count
    raise InvalidInput(f"{name}{signature} cannot be called with an event and a context.", hint=remedy)
