"""Which functions a notebook has, by name and ARN, and the decorator that adds one; it invokes nothing."""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Final, TypeAlias, overload

from sfn_notebook._json import JSONValue
from sfn_notebook.errors import ResourceNotBound, nearest
from sfn_notebook.functions.configuration import FunctionConfiguration
from sfn_notebook.functions.function import Handler, LambdaFunction

_FUNCTION_NAME: Final = re.compile(
    r"(?:(?:arn:[a-z-]+:lambda:[a-z0-9-]+:)?[0-9]{12}:function:|function:)?"
    r"(?P<name>[A-Za-z0-9_-]+)(?::(?P<qualifier>\$LATEST|[A-Za-z0-9_-]+))?"
)

Duration: TypeAlias = float | Callable[[JSONValue], float]


@lru_cache(maxsize=1024)
def name_in(reference: str) -> str | None:
    """The bare function name in a name, a partial ARN or an ARN, each with or without a qualifier; else ``None``.

    Region and account are not looked at, so that a definition written for a real account runs against the functions
    of the notebook; neither is the qualifier, since a notebook has only ``$LATEST``.

    Source: Lambda API reference, Invoke, "FunctionName".
    """
    match = _FUNCTION_NAME.fullmatch(reference)
    return match["name"] if match else None


class FunctionRegistry:
    """Functions by name, in the order of their first definition. Iterating gives the functions."""

    def __init__(self) -> None:
        self._functions: dict[str, LambdaFunction] = {}

    def register(self, function: LambdaFunction) -> LambdaFunction:
        """Add ``function``; one of the same name is replaced, as re-running a cell means it."""
        self._functions[function.name] = function
        return function

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
        """Forget every function."""
        self._functions.clear()

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

        Raises:
            InvalidInput: For a value out of bounds, or a handler that cannot be called with an event.
        """
        configuration = FunctionConfiguration(
            timeout_seconds=timeout, memory_megabytes=memory, duration_seconds=duration
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
