"""Routes of an HTTP API, such as ``GET /orders/{id}``: which one a request takes; it calls nothing.

Source: API Gateway developer guide, "Routing API requests": the most specific route wins.
"""

import re
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote

from sfn_notebook.functions.event_sources.errors import ValidationException

METHODS: Final = ("ANY", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
DEFAULT_ROUTE: Final = "$default"
_ROUTE: Final = re.compile(rf"(?P<method>{'|'.join(METHODS)}) (?P<path>/\S*)")
_PARAMETER: Final = re.compile(r"\{(?P<name>[A-Za-z0-9._:-]+)(?P<greedy>\+?)\}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Route:
    """A route as it was written: ``key``, its ``method`` and ``path``; ``$default`` takes what no other does.

    Raises:
        ValidationException: If ``key`` is no route.
    """

    key: str
    method: str = field(init=False)
    path: str = field(init=False)

    def __post_init__(self) -> None:
        if self.key == DEFAULT_ROUTE:
            method, path = "ANY", "/{proxy+}"
        else:
            match = _ROUTE.fullmatch(self.key)
            if match is None:
                hint = f'Write "GET /orders/{{id}}", with one of {", ".join(METHODS)}, or "{DEFAULT_ROUTE}".'
                raise ValidationException(f"{self.key!r} is no route.", hint=hint)
            method, path = match["method"], match["path"]
        *most, _last = segments = _segments(path)
        if any(found["greedy"] for each in most if (found := _PARAMETER.fullmatch(each))):
            raise ValidationException(f"{self.key!r}: only the last segment may be greedy.")
        if any(("{" in each or "}" in each) and not _PARAMETER.fullmatch(each) for each in segments):
            raise ValidationException(f"{self.key!r}: a parameter is a whole segment, as in /orders/{{id}}.")
        object.__setattr__(self, "method", method)
        object.__setattr__(self, "path", path)

    def parameters(self, method: str, path: str) -> dict[str, str] | None:
        """The path's parameters if the route takes the request, else ``None``."""
        if self.method not in {"ANY", method}:
            return None
        wanted, given = _segments(self.path), _segments(path)
        found: dict[str, str] = {}
        for index, each in enumerate(wanted):
            parameter = _PARAMETER.fullmatch(each)
            if parameter is not None and parameter["greedy"]:
                rest = "/".join(given[index:])
                return {**found, parameter["name"]: unquote(rest)} if rest or self.key == DEFAULT_ROUTE else None
            if index >= len(given) or (parameter is None and each != given[index]):
                return None
            if parameter is not None:
                if not given[index]:
                    return None
                found[parameter["name"]] = unquote(given[index])
        return found if len(given) == len(wanted) else None

    @property
    def rank(self) -> tuple[object, ...]:
        """Sorts the most specific route first: literals, then parameters, then greedy ones; ANY after a method."""
        kinds = tuple(
            0 if parameter is None else 2 if parameter["greedy"] else 1
            for parameter in map(_PARAMETER.fullmatch, _segments(self.path))
        )
        return (self.key == DEFAULT_ROUTE, kinds, self.method == "ANY")


def _segments(path: str) -> list[str]:
    return path.removeprefix("/").split("/")
