"""A handler with module globals of its own, as each execution environment has them; it runs nothing.

On Lambda every environment loads the function's module anew, so two environments share no global. In a notebook there
is one module for everything: here its globals are copied for a handler, with the data and the functions of the notebook
that they hold.
"""

import copy
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable
from types import CodeType, FunctionType
from typing import Any, Final, TypeGuard

from sfn_notebook.errors import InvalidInput

_CONTAINERS: Final = (dict, list, set, bytearray, deque, Counter, OrderedDict, defaultdict)


def check_isolable(handler: Callable[..., Any], name: str) -> None:
    """See that ``handler`` has globals that can be copied.

    Raises:
        InvalidInput: If it is no plain function.
    """
    if not isinstance(handler, FunctionType):
        raise InvalidInput(
            f"{name} cannot be isolated: it is a {type(handler).__name__}, not a plain function.",
            hint="Define it with def, or leave isolated=True out.",
        )


def isolated(handler: Callable[..., Any]) -> Callable[..., Any]:
    """``handler`` over globals of its own, as they are now.

    Of the names that it uses, directly or through functions of the same module, these are copied: containers, objects
    of classes that the notebook defines, and those functions, which see the copies. Everything else (modules, classes,
    clients of libraries) is shared, and so is what cannot be copied.
    """
    if not isinstance(handler, FunctionType):
        return handler
    own_globals = dict(handler.__globals__)
    memo: dict[int, Any] = {}
    module_name = handler.__globals__.get("__name__")
    for name in _names_used(handler):
        value = handler.__globals__[name]
        if _is_of_module(value, handler):
            own_globals[name] = _with_globals(value, own_globals)
        elif type(value) in _CONTAINERS or type(value).__module__ == module_name:
            own_globals[name] = _copied(value, memo)
    return _with_globals(handler, own_globals)


def _is_of_module(value: object, handler: FunctionType) -> TypeGuard[FunctionType]:
    return isinstance(value, FunctionType) and value.__globals__ is handler.__globals__


def _names_used(handler: FunctionType) -> list[str]:
    """The globals that a handler may use, in the order of their finding, so that copies are made in one order."""
    found: dict[str, None] = {}
    codes = [handler.__code__]
    while codes:
        code = codes.pop()
        codes += [each for each in code.co_consts if isinstance(each, CodeType)]
        for name in code.co_names:
            if name in handler.__globals__ and name not in found:
                found[name] = None
                value = handler.__globals__[name]
                if _is_of_module(value, handler):
                    codes.append(value.__code__)
    return list(found)


def _copied(value: object, memo: dict[int, Any]) -> object:
    try:
        return copy.deepcopy(value, memo)
    except Exception:  # noqa: BLE001 - a user's class may refuse in any way; then there is one object for all
        return value


def _with_globals(function: FunctionType, own_globals: dict[str, Any]) -> Callable[..., Any]:
    copied = FunctionType(
        function.__code__, own_globals, function.__name__, function.__defaults__, function.__closure__
    )
    copied.__kwdefaults__ = function.__kwdefaults__
    copied.__dict__.update(function.__dict__)
    copied.__qualname__, copied.__module__ = function.__qualname__, function.__module__
    return copied
