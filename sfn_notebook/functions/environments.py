"""Execution environments: who may have one, which one a call gets, and what becomes of it; it calls no handler.

A call occupies an environment from the start of its initialisation to the end of its modelled duration. Environments
are never given up for being idle: Lambda says nothing of how long it keeps them.

Source: Lambda developer guide, "Understanding Lambda function scaling" and "Runtime environment lifecycle".
"""

import heapq
from collections import defaultdict, deque
from typing import Final

from sfn_notebook.functions.deployments import Deployment, Deployments
from sfn_notebook.functions.function import LambdaFunction
from sfn_notebook.functions.isolation import isolated
from sfn_notebook.functions.lambda_errors import TooManyRequestsException
from sfn_notebook.functions.versions import Target

SCALING_ENVIRONMENTS: Final = 1000
"""How many environments a function may start within ``SCALING_SECONDS``."""
SCALING_SECONDS: Final = 10.0

RESERVED_LIMIT: Final = "ReservedFunctionConcurrentInvocationLimitExceeded"
ACCOUNT_LIMIT: Final = "ConcurrentInvocationLimitExceeded"


class Environment:
    """One execution environment: it runs one call at a time, of one version. ``number`` counts from 1 per function.

    ``is_initialised`` is ``False`` before its first call and after a crash; ``was_reset`` tells the two apart.
    """

    __slots__ = ("code", "handler", "is_initialised", "is_provisioned", "number", "version", "was_reset")

    def __init__(self, number: int, target: Target, *, is_provisioned: bool) -> None:
        self.number = number
        self.version = target.version
        self.code = target.function
        self.handler = target.function.handler
        self.is_provisioned = is_provisioned
        self.is_initialised = False
        self.was_reset = False

    @property
    def name(self) -> str:
        """What its log stream is named after; the first one is named as the function is."""
        return self.code.name if self.number == 1 else f"{self.code.name}/{self.number}"

    def initialise(self) -> None:
        """Load the code: module globals are as the notebook has them now."""
        if self.code.configuration.is_isolated:
            self.handler = isolated(self.code.handler)
        self.is_initialised = True

    def reset(self) -> None:
        """Lose what is in memory, after a crash or a timeout; the next call initialises it again."""
        self.is_initialised = False
        self.was_reset = True


class _Pool:
    """The environments of one function, idle and busy."""

    def __init__(self) -> None:
        self.idle: defaultdict[tuple[str, bool], list[tuple[int, Environment]]] = defaultdict(list)
        self.busy: list[tuple[float, int, Environment]] = []
        self.on_demand_in_flight = 0
        self.provisioned_in_flight: defaultdict[str, int] = defaultdict(int)
        self.started_seconds: deque[float] = deque()
        self.count = 0

    def settle(self, now_seconds: float) -> None:
        """Take back the environments whose calls have ended."""
        busy = self.busy
        while busy and busy[0][0] <= now_seconds:
            _, number, environment = heapq.heappop(busy)
            self.count_call(environment, -1)
            heapq.heappush(self.idle[environment.version, environment.is_provisioned], (number, environment))

    def count_call(self, environment: Environment, change: int) -> None:
        """Note that a call begins (1) or has ended (-1)."""
        if environment.is_provisioned:
            self.provisioned_in_flight[environment.version] += change
        else:
            self.on_demand_in_flight += change

    def take_idle(self, version: str, code: LambdaFunction, *, is_provisioned: bool) -> Environment | None:
        """The oldest idle environment of a version; those that hold code of an earlier cell are let go."""
        idle = self.idle[version, is_provisioned]
        while idle:
            _, environment = heapq.heappop(idle)
            if environment.code is code:
                return environment
        return None

    def start(self, target: Target, *, is_provisioned: bool) -> Environment:
        """Make a new environment."""
        self.count += 1
        return Environment(self.count, target, is_provisioned=is_provisioned)

    def may_start(self, now_seconds: float) -> bool:
        """Whether the scaling rate allows one environment more; if so it is counted."""
        started = self.started_seconds
        while started and started[0] <= now_seconds - SCALING_SECONDS:
            started.popleft()
        if len(started) >= SCALING_ENVIRONMENTS:
            return False
        started.append(now_seconds)
        return True


class Environments:
    """The execution environments of an account's functions, within the limits of its deployments."""

    def __init__(self, deployments: Deployments) -> None:
        self._deployments = deployments
        self._pools: defaultdict[str, _Pool] = defaultdict(_Pool)

    def in_flight(self, name: str, now_seconds: float) -> int:
        """Calls of a function that have not ended."""
        pool = self._pools[name]
        pool.settle(now_seconds)
        return pool.on_demand_in_flight + sum(pool.provisioned_in_flight.values())

    def acquire(self, target: Target, now_seconds: float) -> Environment:
        """An environment for a call that begins now; ``release`` must follow.

        Raises:
            TooManyRequestsException: If a limit is reached; its reason is one of the API's.
        """
        name = target.function.name
        pool, deployment = self._pools[name], self._deployments.of(name)
        pool.settle(now_seconds)
        environment = self._provisioned(pool, deployment, target, now_seconds)
        if environment is None:
            self._check_limits(pool, deployment, now_seconds)
            environment = pool.take_idle(target.version, target.function, is_provisioned=False)
        if environment is None:
            if not pool.may_start(now_seconds):
                raise TooManyRequestsException(ACCOUNT_LIMIT)
            environment = pool.start(target, is_provisioned=False)
        pool.count_call(environment, 1)
        return environment

    def release(self, environment: Environment, ended_seconds: float) -> None:
        """The call in ``environment`` ends at ``ended_seconds``; until then it is busy."""
        pool = self._pools[environment.code.name]
        heapq.heappush(pool.busy, (ended_seconds, environment.number, environment))

    def _provisioned(
        self, pool: _Pool, deployment: Deployment, target: Target, now_seconds: float
    ) -> Environment | None:
        if not deployment.provisioned:
            return None
        ready = sum(
            each.count
            for qualifier, each in deployment.provisioned.items()
            if each.ready_seconds <= now_seconds and deployment.versions.version_of(qualifier) == target.version
        )
        if pool.provisioned_in_flight[target.version] >= ready:
            return None
        environment = pool.take_idle(target.version, target.function, is_provisioned=True)
        if environment is None:
            environment = pool.start(target, is_provisioned=True)
            environment.initialise()
        return environment

    def _check_limits(self, pool: _Pool, deployment: Deployment, now_seconds: float) -> None:
        reserved = deployment.reserved_concurrency
        if reserved is not None:
            if pool.on_demand_in_flight >= reserved - deployment.provisioned_count:
                raise TooManyRequestsException(RESERVED_LIMIT)
            return
        in_flight = 0
        for name in self._deployments.unreserved_names():
            other = self._pools[name]
            other.settle(now_seconds)
            in_flight += other.on_demand_in_flight
        if in_flight >= self._deployments.account_concurrency - self._deployments.reserved_concurrency:
            raise TooManyRequestsException(ACCOUNT_LIMIT)
