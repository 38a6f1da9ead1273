"""What is set for functions beyond their code: versions, aliases, concurrency, asynchronous events; nothing that runs.

Source: Lambda API reference, PutFunctionConcurrency, PutProvisionedConcurrencyConfig, PutFunctionEventInvokeConfig.
"""

from dataclasses import dataclass, field
from typing import Final

from sfn_notebook.functions.event_invoke_config import EventInvokeConfig
from sfn_notebook.functions.function import VERSION, LambdaFunction
from sfn_notebook.functions.lambda_errors import InvalidParameterValueException, ResourceNotFoundException
from sfn_notebook.functions.registry import FunctionRegistry
from sfn_notebook.functions.versions import Versions
from sfn_notebook.runtime.ids import DEFAULT_ACCOUNT

ACCOUNT_CONCURRENCY: Final = 1000
"""Environments that all functions of an account may have together. Source: Lambda quotas; it can be raised."""

MIN_UNRESERVED_CONCURRENCY: Final = 100
"""What must remain for functions that reserve nothing."""

DEFAULT_ASYNCHRONOUS: Final = EventInvokeConfig()


@dataclass(frozen=True, kw_only=True, slots=True)
class ProvisionedConcurrency:
    """Environments that are started ahead for a version; they take calls from ``ready_seconds`` on."""

    count: int
    ready_seconds: float


@dataclass(kw_only=True, slots=True, eq=False)
class Deployment:
    """Everything that is set for one function, whatever its cell defines at the moment."""

    name: str
    versions: Versions
    reserved_concurrency: int | None = None
    provisioned: dict[str, ProvisionedConcurrency] = field(default_factory=dict)
    asynchronous: dict[str, EventInvokeConfig] = field(default_factory=dict)
    defined: LambdaFunction | None = None
    """The function whose decorator was looked at last."""

    @property
    def provisioned_count(self) -> int:
        """Provisioned environments of all versions."""
        return sum(each.count for each in self.provisioned.values())

    def asynchronous_config(self, qualifier: str | None) -> EventInvokeConfig:
        """How events for a qualifier are treated: each version and alias has a configuration of its own, or none."""
        return self.asynchronous.get(qualifier or VERSION, DEFAULT_ASYNCHRONOUS)


class Deployments:
    """The deployments of a registry's functions, each made when it is first asked for."""

    def __init__(self, registry: FunctionRegistry, *, account_concurrency: int = ACCOUNT_CONCURRENCY) -> None:
        self.registry = registry
        self.account_concurrency = account_concurrency
        self._by_name: dict[str, Deployment] = {}

    def of(self, name: str) -> Deployment:
        """The deployment of the function called ``name``, with what its decorator sets if the cell was run anew."""
        deployment = self._by_name.get(name)
        if deployment is None:
            deployment = self._by_name[name] = Deployment(
                name=name, versions=Versions(DEFAULT_ACCOUNT.function_arn(name))
            )
        function = self.registry.get(name)
        if function is not None and deployment.defined is not function:
            earlier, deployment.defined = deployment.defined, function
            self._define(deployment, function, earlier)
        return deployment

    def _define(self, deployment: Deployment, function: LambdaFunction, earlier: LambdaFunction | None) -> None:
        """Set what the decorator sets, and take back what an earlier one had set and this one does not say any more."""
        new = function.configuration
        old = new if earlier is None else earlier.configuration
        if new.reserved_concurrency is not None or deployment.reserved_concurrency == old.reserved_concurrency:
            self._reserve(deployment, new.reserved_concurrency)
        if new.asynchronous is not None:
            deployment.asynchronous[VERSION] = new.asynchronous
        elif old.asynchronous is not None and deployment.asynchronous.get(VERSION) is old.asynchronous:
            del deployment.asynchronous[VERSION]

    def known(self, name: str) -> Deployment | None:
        """The deployment of a function that has been invoked, or for which something has been set; else ``None``."""
        return self._by_name.get(name)

    def existing(self, name: str) -> Deployment:
        """The deployment of a function that the notebook has.

        Raises:
            ResourceNotFoundException: If it has none of that name.
        """
        if self.registry.get(name) is None:
            raise ResourceNotFoundException(f"Function not found: {DEFAULT_ACCOUNT.function_arn(name)}")
        return self.of(name)

    def governs(self, function: LambdaFunction) -> bool:
        """Whether anything is set, or was ever asked, that an invocation of ``function`` must respect."""
        return function.configuration.is_modelled or function.name in self._by_name

    @property
    def reserved_concurrency(self) -> int:
        """Environments that functions have for themselves: reserved ones, and provisioned ones of the others."""
        every = self._by_name.values()
        return sum(
            each.provisioned_count if each.reserved_concurrency is None else each.reserved_concurrency for each in every
        )

    def unreserved_names(self) -> list[str]:
        """The functions that share what nobody reserves."""
        return [name for name, each in self._by_name.items() if each.reserved_concurrency is None]

    def reserve(self, name: str, reserved_concurrency: int | None) -> None:
        """Reserve environments for a function; ``None`` takes the reservation back.

        Raises:
            ResourceNotFoundException: If there is no such function.
            InvalidParameterValueException: If too little would remain, for the others or for provisioned environments.
        """
        self._reserve(self.existing(name), reserved_concurrency)

    def _reserve(self, deployment: Deployment, reserved_concurrency: int | None) -> None:
        provisioned = deployment.provisioned_count
        if reserved_concurrency is not None:
            if reserved_concurrency < provisioned:
                raise InvalidParameterValueException(
                    f"ReservedConcurrentExecutions {reserved_concurrency} should not be lower than function's total"
                    f" provisioned concurrency [{provisioned}]."
                )
            had = provisioned if deployment.reserved_concurrency is None else deployment.reserved_concurrency
            left = self.account_concurrency - self.reserved_concurrency + had - reserved_concurrency
            if reserved_concurrency and left < MIN_UNRESERVED_CONCURRENCY:
                raise InvalidParameterValueException(
                    "Specified ReservedConcurrentExecutions for function decreases account's"
                    f" UnreservedConcurrentExecution below its minimum value of [{MIN_UNRESERVED_CONCURRENCY}]."
                )
        deployment.reserved_concurrency = reserved_concurrency

    def provision(self, name: str, qualifier: str, count: int, now_seconds: float) -> ProvisionedConcurrency:
        """Start ``count`` environments ahead for a version or an alias; 0 takes them back.

        Raises:
            ResourceNotFoundException: If there is no such function, version or alias.
            InvalidParameterValueException: For ``$LATEST``, or for more than the function reserves.
        """
        deployment = self.existing(name)
        version = deployment.versions.version_of(qualifier)
        if version is None:
            raise ResourceNotFoundException(f"Function not found: {DEFAULT_ACCOUNT.function_arn(name)}:{qualifier}")
        published = next((each for each in deployment.versions if each.version == version), None)
        if published is None:
            raise InvalidParameterValueException(
                "Provisioned Concurrency Configs cannot be applied to unpublished function versions."
            )
        others = deployment.provisioned_count - (
            deployment.provisioned[qualifier].count if qualifier in deployment.provisioned else 0
        )
        reserved = deployment.reserved_concurrency
        if reserved is not None and others + count > reserved:
            raise InvalidParameterValueException(
                "Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution for"
                " function"
            )
        init_seconds = published.function.configuration.init_seconds
        provisioned = ProvisionedConcurrency(count=count, ready_seconds=now_seconds + init_seconds)
        deployment.provisioned[qualifier] = provisioned
        return provisioned
