"""A decorator that does the work of an event once, however often the event arrives; it knows no queue and no caller.

Lambda delivers asynchronous events at least once. A handler that must not do its work twice remembers what it has done.
"""

import copy
from collections.abc import Callable, MutableMapping
from inspect import isawaitable
from typing import Any, Final, NamedTuple, TypeAlias

from sfn_notebook._json import JSONValue
from sfn_notebook.errors import InvalidInput
from sfn_notebook.functions.coroutines import run_to_completion
from sfn_notebook.functions.function import Handler, LambdaFunction
from sfn_notebook.functions.registry import FunctionRegistry, default_registry

DEFAULT_EXPIRY_SECONDS: Final = 3600.0
"""How long a result is remembered unless something else is said: as in Powertools for AWS Lambda."""


class RememberedResult(NamedTuple):
    """What a handler returned, and until when that stands, in modelled seconds since the epoch."""

    result: JSONValue
    expires_seconds: float


ResultStore: TypeAlias = MutableMapping[str, RememberedResult]
"""Where results are kept, by their keys."""


def idempotent(
    *,
    key: str | Callable[[Any], object],
    store: ResultStore | None = None,
    expires_after: float = DEFAULT_EXPIRY_SECONDS,
    registry: FunctionRegistry | None = None,
) -> Callable[[Handler], Handler]:
    """Let a handler do its work once for each key; later calls with that key get the first one's result.

    It stands below ``@lambda_function``. A handler that raises is not remembered, so that a retry tries again. Results
    are remembered in modelled time.

    Args:
        key: The name of the event's field that tells one piece of work from another, or a function from the event.
        store: A mapping to keep results in, for several functions or for looking into; one of its own without it.
        expires_after: Modelled seconds for which a result is remembered, more than 0.
        registry: Whose Lambda tells the time; the notebook's without it.

    Raises:
        InvalidInput: For an expiry that is not above 0, or a decorator in the wrong order; when called, for an event
            without a key.
    """
    if not expires_after > 0:
        raise InvalidInput(f"a result cannot be remembered for {expires_after!r} seconds.", hint="Give more than 0.")
    kept: ResultStore = {} if store is None else store
    clock = default_registry() if registry is None else registry

    def decorate(handler: Handler) -> Handler:
        if isinstance(handler, LambdaFunction):
            raise InvalidInput("@idempotent remembers for a handler.", hint="Put it below @lambda_function.")
        takes_context = LambdaFunction(handler, name="handler").takes_lambda_context

        def once(event: Any, context: Any) -> JSONValue:
            name = _key_of(key, event)
            now_seconds = clock.lambda_service().now()
            known = kept.get(name)
            if known is not None and now_seconds < known.expires_seconds:
                return copy.deepcopy(known.result)
            result = handler(event, context) if takes_context else handler(event)
            if isawaitable(result):
                result = run_to_completion(result)
            kept[name] = RememberedResult(copy.deepcopy(result), now_seconds + expires_after)
            return result

        # Not functools.wraps: who looks for the arguments of this handler must find two, not those of the one inside.
        once.__name__, once.__qualname__ = handler.__name__, handler.__qualname__
        once.__doc__, once.__module__ = handler.__doc__, handler.__module__
        return once

    return decorate


def _key_of(key: str | Callable[[Any], object], event: Any) -> str:
    if callable(key):
        return str(key(event))
    if not isinstance(event, dict) or event.get(key) is None:
        raise InvalidInput(f"the event has no {key!r} to be known by.", hint="Choose a field that every event has.")
    return str(event[key])
