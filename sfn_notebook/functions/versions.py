"""Published versions and aliases of one function, and which of them a qualifier means; it invokes nothing.

Source: Lambda developer guide, "Versions" and "Aliases"; API reference, PublishVersion and CreateAlias.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Final, NamedTuple

from sfn_notebook.functions.function import VERSION, LambdaFunction
from sfn_notebook.functions.lambda_errors import (
    InvalidParameterValueException,
    ResourceConflictException,
    ResourceNotFoundException,
)

_ALIAS: Final = re.compile(r"(?!^[0-9]+$)[A-Za-z0-9_-]{1,128}")


@dataclass(frozen=True, kw_only=True, slots=True)
class PublishedVersion:
    """A function as it was when it was published: code and configuration stay as they are."""

    version: str
    function: LambdaFunction
    description: str = ""

    @property
    def arn(self) -> str:
        """The function's ARN with the version as its qualifier."""
        return f"{self.function.arn}:{self.version}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Alias:
    """A name for a version. ``routing`` gives other versions a share of the invocations, each from 0 to 1."""

    name: str
    arn: str
    function_version: str
    routing: Mapping[str, float] = field(default_factory=dict)
    description: str = ""

    def chosen_version(self, random: Random) -> str:
        """The version for one invocation, drawn by the weights."""
        if not self.routing:
            return self.function_version
        drawn = random.random()
        for version, weight in self.routing.items():
            if drawn < weight:
                return version
            drawn -= weight
        return self.function_version


class Target(NamedTuple):
    """What an invocation runs: the function of a version, under the ARN that was invoked."""

    function: LambdaFunction
    version: str
    invoked_arn: str


class Versions:
    """The versions and aliases of the function called ``name``."""

    def __init__(self, arn: str) -> None:
        self._arn = arn
        self._published: dict[str, PublishedVersion] = {}
        self._aliases: dict[str, Alias] = {}

    def __len__(self) -> int:
        return len(self._published)

    def __iter__(self) -> Iterator[PublishedVersion]:
        return iter(tuple(self._published.values()))

    @property
    def aliases(self) -> tuple[Alias, ...]:
        """Every alias, oldest first."""
        return tuple(self._aliases.values())

    def publish(self, function: LambdaFunction, description: str) -> PublishedVersion:
        """Keep ``function`` under the next number; if nothing has changed since the last one, that is returned."""
        last = next(reversed(self._published.values()), None)
        if last is not None and last.function is function:
            return last
        version = str(len(self._published) + 1)
        published = PublishedVersion(version=version, function=function, description=description)
        self._published[version] = published
        return published

    def create_alias(self, name: str, function_version: str, routing: Mapping[str, float], description: str) -> Alias:
        """Add an alias.

        Raises:
            ResourceConflictException: If the name is taken.
            ResourceNotFoundException: If there is no such version.
            InvalidParameterValueException: For a name or weights that Lambda does not take.
        """
        if name in self._aliases:
            raise ResourceConflictException(f"Alias already exists: {self._aliases[name].arn}")
        if not _ALIAS.fullmatch(name):
            raise InvalidParameterValueException(
                f"{name!r} cannot be the name of an alias.",
                hint='Use A-Z, a-z, 0-9, "-" and "_", and not digits alone.',
            )
        return self._put(name, function_version, routing, description)

    def update_alias(self, name: str, function_version: str, routing: Mapping[str, float], description: str) -> Alias:
        """Let an alias stand for something else; the errors are those of ``create_alias``."""
        if name not in self._aliases:
            raise ResourceNotFoundException(f"Cannot find alias arn: {self._arn}:{name}")
        return self._put(name, function_version, routing, description)

    def delete_alias(self, name: str) -> None:
        """Forget an alias; an unknown name is no error, as on AWS."""
        self._aliases.pop(name, None)

    def _put(self, name: str, function_version: str, routing: Mapping[str, float], description: str) -> Alias:
        for version in (function_version, *routing):
            if version != VERSION and version not in self._published:
                raise ResourceNotFoundException(f"Function not found: {self._arn}:{version}")
        if routing and VERSION in {function_version, *routing}:
            raise InvalidParameterValueException(
                f"{VERSION} is not supported for an alias pointing to more than 1 version"
            )
        if (
            function_version in routing
            or sum(routing.values()) > 1
            or any(not 0 <= each <= 1 for each in routing.values())
        ):
            raise InvalidParameterValueException(
                f"the alias {name} cannot be routed by {dict(routing)!r}.",
                hint=f"Give other versions than {function_version} shares from 0 to 1, at most 1 in all.",
            )
        alias = Alias(
            name=name,
            arn=f"{self._arn}:{name}",
            function_version=function_version,
            routing=dict(routing),
            description=description,
        )
        self._aliases[name] = alias
        return alias

    def version_of(self, qualifier: str) -> str | None:
        """The version that a qualifier stands for, an alias's own one; ``None`` if there is neither."""
        if qualifier == VERSION or qualifier in self._published:
            return qualifier
        alias = self._aliases.get(qualifier)
        return None if alias is None else alias.function_version

    def target(self, latest: LambdaFunction | None, qualifier: str | None, random: Random) -> Target:
        """What an invocation with ``qualifier`` runs; ``latest`` is the function as the notebook defines it now.

        Raises:
            ResourceNotFoundException: If there is no such function, version or alias.
        """
        invoked_arn = self._arn if qualifier is None else f"{self._arn}:{qualifier}"
        alias = None if qualifier is None else self._aliases.get(qualifier)
        version = alias.chosen_version(random) if alias is not None else qualifier or VERSION
        published = self._published.get(version)
        function = latest if version == VERSION else published.function if published is not None else None
        if function is None:
            raise ResourceNotFoundException(f"Function not found: {self._arn}:{qualifier or VERSION}")
        return Target(function, version, invoked_arn)
