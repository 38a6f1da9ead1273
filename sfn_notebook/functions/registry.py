"""Which functions a notebook has, by name and ARN, and the decorator that adds one; it invokes nothing itself."""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias, overload

from sfn_notebook._json import JSONValue
from sfn_notebook.errors import ResourceNotBound, nearest
from sfn_notebook.functions.configuration import FunctionConfiguration
from sfn_notebook.functions.event_invoke_config import EventInvokeConfig, given_fields
from sfn_notebook.functions.function import Handler, LambdaFunction
from sfn_notebook.runtime.clock import VirtualClock
from sfn_notebook.runtime.scheduler import Scheduler

if TYPE_CHECKING:
    from sfn_notebook.functions.lambda_service import LambdaService

_FUNCTION_NAME: Final = re.compile(
    r"(?:(?:arn:[a-z-]+:lambda:[a-z0-9-]+:)?[0-9]{12}:function:|function:)?"
    r"(?P<name>[A-Za-z0-9_-]+)(?::(?P<qualifier>\$LATEST|[A-Za-z0-9_-]+))?"
)

Duration: TypeAlias = float | Callable[[JSONValue], float]


class FunctionReference(NamedTuple):
    """A function's bare name, and the version or alias that was asked for, if any."""

    name: str
    qualifier: str | None


@lru_cache(maxsize=1024)
def reference_in(reference: str) -> FunctionReference | None:
    """What a name, a partial ARN or an ARN stands for, each with or without a qualifier; ``None`` if it is none.

    Region and account are not looked at, so that a definition written for a real account runs against the functions
    of the notebook.

    Source: Lambda API reference, Invoke, "FunctionName".
    """
    match = _FUNCTION_NAME.fullmatch(reference)
    return FunctionReference(match["name"], match["qualifier"]) if match else None


def name_in(reference: str) -> str | None:
    """The bare function name in a name, a partial ARN or an ARN; ``None`` if it is none."""
    found = reference_in(reference)
    return None if found is None else found.name


class FunctionRegistry:
    """Functions by name, in the order of their first definition. Iterating gives the functions."""

    def __init__(self) -> None:
        self._functions: dict[str, LambdaFunction] = {}
        self._service: LambdaService | None = None
        self._is_served = False

    def register(self, function: LambdaFunction) -> LambdaFunction:
        """Add ``function``; one of the same name is replaced, as re-running a cell means it."""
        self._functions[function.name] = function
        function.lambda_service = self.lambda_service
        return function

    def lambda_service(self) -> "LambdaService":
        """The Lambda that runs these functions when they are invoked: the latest workspace's, or one of their own."""
        if self._service is None:
            from sfn_notebook.functions.lambda_service import LambdaService

            self._service = LambdaService(self, Scheduler(VirtualClock()))
        return self._service

    def serve(self, scheduler: Scheduler | None) -> "LambdaService":
        """A Lambda for a workspace, on its scheduler, or on one of virtual time.

        What was invoked before there was a workspace goes on in the first one's virtual time.
        """
        from sfn_notebook.functions.lambda_service import LambdaService

        if self._service is None or self._is_served or scheduler is not None:
            self._service = LambdaService(self, Scheduler(VirtualClock()) if scheduler is None else scheduler)
        self._is_served = True
        return self._service

    def get(self, reference: str) -> LambdaFunction | None:
        """The function that a name, partial ARN or ARN stands for, or ``None``."""
        name = name_in(reference)
        return None if name is None else self._functions.get(name)

    def resolve(self, reference: str, *, pointer: str = "") -> LambdaFunction:
        """The function that ``reference`` stands for; ``pointer`` says where it was written.

        Raises:
            ResourceNotBound: If there is none; the message offers the nearest names.
        """
        function = self.get(reference)
        if function is None:
            raise ResourceNotBound(name_in(reference) or reference, self._functions, pointer=pointer)
        return function

    def nearest(self, reference: str) -> tuple[str, ...]:
        """The known names that are most like ``reference``, best first."""
        return nearest(name_in(reference) or reference, self._functions)

    @property
    def names(self) -> tuple[str, ...]:
        """Every function's name."""
        return tuple(self._functions)

    def remove(self, name: str) -> None:
        """Forget a function; an unknown name is no error."""
        self._functions.pop(name, None)

    def clear(self) -> None:
        """Forget every function, and what was invoked while there was no workspace."""
        self._functions.clear()
        if not self._is_served:
            self._service = None

    def __contains__(self, reference: object) -> bool:
        return isinstance(reference, str) and self.get(reference) is not None

    def __iter__(self) -> Iterator[LambdaFunction]:
        return iter(tuple(self._functions.values()))

    def __len__(self) -> int:
        return len(self._functions)

    @overload
    def lambda_function(self, handler: Handler, /) -> LambdaFunction: ...

    @overload
    def lambda_function(
        self,
        handler: None = None,
        /,
        *,
        name: str | None = None,
        timeout: float = 3.0,
        memory: int = 128,
        duration: Duration = 0.0,
        init: float = 0.0,
        memory_used: Duration | None = None,
        isolated: bool = False,
        reserved_concurrency: int | None = None,
        retries: int | None = None,
        max_event_age: float | None = None,
        on_success: object = None,
        on_failure: object = None,
        dead_letter: str | None = None,
        duplicates: float = 0.0,
    ) -> Callable[[Handler], LambdaFunction]: ...

    def lambda_function(
        self,
        handler: Handler | None = None,
        /,
        *,
        name: str | None = None,
        timeout: float = 3.0,
        memory: int = 128,
        duration: Duration = 0.0,
        init: float = 0.0,
        memory_used: Duration | None = None,
        isolated: bool = False,
        reserved_concurrency: int | None = None,
        retries: int | None = None,
        max_event_age: float | None = None,
        on_success: object = None,
        on_failure: object = None,
        dead_letter: str | None = None,
        duplicates: float = 0.0,
    ) -> LambdaFunction | Callable[[Handler], LambdaFunction]:
        """Decorate a function of one argument (the event) or two (event, context) so that workflows can name it.

        An exception becomes an ASL error under its class name, so an error that a ``Retry`` or ``Catch`` shall name is
        a class of that name: ``class PaymentDeclined(Exception): pass``.

        Args:
            handler: The function, where the decorator stands bare.
            name: Its Lambda name; the Python name otherwise.
            timeout: Modelled seconds after which Lambda stops an invocation, 1 to 900.
            memory: Megabytes, 128 to 10,240.
            duration: Modelled seconds that an invocation takes, or a function from the event to them.
            init: Modelled seconds that a cold start takes.
            memory_used: Megabytes that an invocation takes, or a function from the event to them; with more than
                ``memory`` it is killed.
            isolated: Whether each execution environment has module globals of its own.
            reserved_concurrency: Environments that the function has for itself, and at most; 0 turns it off.
            retries: How often a failed asynchronous event is tried again, 0 to 2; 2 by default.
            max_event_age: Seconds that an asynchronous event is kept, 60 to 21,600, the default.
            on_success: Where the record of an asynchronous event goes that went well: an ARN, or a function.
            on_failure: Where that of one goes that was given up.
            dead_letter: ARN of the queue or topic that gets events that were given up.
            duplicates: Share of asynchronous events that are delivered twice, 0 to 1.

        Raises:
            InvalidInput: For a value out of bounds, or a handler that cannot be called with an event.
            InvalidParameterValueException: For retries, an age or a destination that Lambda does not take.
        """
        asynchronous = given_fields(retries, max_event_age, on_success, on_failure)
        configuration = FunctionConfiguration(
            timeout_seconds=timeout,
            memory_megabytes=memory,
            duration_seconds=duration,
            init_seconds=init,
            memory_used_megabytes=memory_used,
            is_isolated=isolated,
            reserved_concurrency=reserved_concurrency,
            asynchronous=EventInvokeConfig(**asynchronous) if asynchronous else None,
            dead_letter_arn=dead_letter,
            duplicate_rate=duplicates,
        )

        def decorate(function: Handler) -> LambdaFunction:
            return self.register(LambdaFunction(function, name=name, configuration=configuration))

        return decorate if handler is None else decorate(handler)


_DEFAULT_REGISTRY: Final = FunctionRegistry()

lambda_function = _DEFAULT_REGISTRY.lambda_function
"""Decorator: adds to the registry of this process; see ``FunctionRegistry.lambda_function``."""


def default_registry() -> FunctionRegistry:
    """The registry of this process, which the decorator ``lambda_function`` fills."""
    return _DEFAULT_REGISTRY
