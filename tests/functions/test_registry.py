import functools
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest

from sfn_notebook.errors import InvalidInput, ResourceNotBound
from sfn_notebook.functions.function import LambdaFunction
from sfn_notebook.functions.registry import FunctionRegistry, default_registry, lambda_function


@pytest.fixture
def registry() -> FunctionRegistry:
    return FunctionRegistry()


def test_the_bare_decorator_keeps_a_plain_function(registry: FunctionRegistry) -> None:
    @registry.lambda_function
    def validate_order(event: dict[str, int], bonus: int = 1) -> int:
        """Check an order."""
        return event["n"] + bonus

    assert validate_order({"n": 1}) == 2
    assert validate_order({"n": 1}, bonus=5) == 6
    assert validate_order.name == "validate_order"
    assert validate_order.__doc__ == "Check an order."
    assert validate_order.arn == "arn:aws:lambda:us-east-1:123456789012:function:validate_order"
    assert validate_order.configuration.timeout_seconds == 3
    assert repr(validate_order) == "<LambdaFunction validate_order: timeout 3 s, memory 128 MB>"
    assert registry.get("validate_order") is validate_order


def test_the_decorator_takes_a_configuration(registry: FunctionRegistry) -> None:
    @registry.lambda_function(name="charge-card", timeout=10, memory=512, duration=2.5)
    def charge(event: dict[str, int], context: object) -> int:
        return event["n"] if context is None else 0

    assert charge.name == "charge-card"
    assert charge.configuration.timeout_seconds == 10
    assert charge.configuration.memory_megabytes == 512
    assert charge.configuration.duration_for({}) == 2.5
    assert registry.names == ("charge-card",)
    assert charge({"n": 4}, None) == 4


def test_the_decorator_of_the_module_fills_the_registry_of_the_process() -> None:
    @lambda_function(name="only-in-this-test")
    def handler(_event: object) -> None:
        return None

    try:
        assert default_registry().get("only-in-this-test") is handler
    finally:
        default_registry().remove("only-in-this-test")
    assert "only-in-this-test" not in default_registry()


def test_a_redefinition_replaces_the_function_in_its_place(registry: FunctionRegistry) -> None:
    def define(result: int) -> None:
        @registry.lambda_function
        def charge(_event: object) -> int:
            return result

    define(1)
    registry.lambda_function(name="notify")(print_nothing)
    define(2)
    assert registry.names == ("charge", "notify")
    charge = registry.get("charge")
    assert charge is not None
    assert charge({}) == 2


def print_nothing(_event: object) -> None:
    return None


@pytest.mark.parametrize(
    "reference",
    [
        "charge",
        "charge:$LATEST",
        "charge:7",
        "charge:live",
        "function:charge",
        "123456789012:function:charge",
        "123456789012:function:charge:$LATEST",
        "arn:aws:lambda:us-east-1:123456789012:function:charge",
        "arn:aws:lambda:us-east-1:123456789012:function:charge:$LATEST",
        "arn:aws:lambda:us-east-1:123456789012:function:charge:live",
        "arn:aws-cn:lambda:cn-north-1:999999999999:function:charge",
    ],
)
def test_a_function_is_found_by_every_form_of_its_name(registry: FunctionRegistry, reference: str) -> None:
    function = registry.lambda_function(name="charge")(print_nothing)
    assert registry.get(reference) is function
    assert registry.resolve(reference) is function
    assert reference in registry


@pytest.mark.parametrize(
    "reference",
    [
        "",
        "Charge",
        "charge:",
        "charge:a:b",
        "charge ",
        "arn:aws:lambda:us-east-1:123456789012:function:",
        "arn:aws:states:::lambda:invoke",
        "arn:aws:states:us-east-1:123456789012:activity:charge",
        "arn:aws:lambda:us-east-1:12:function:charge",
        "${charge}",
    ],
)
def test_nothing_else_is_taken_for_it(registry: FunctionRegistry, reference: str) -> None:
    registry.lambda_function(name="charge")(print_nothing)
    assert registry.get(reference) is None
    assert reference not in registry


def test_a_missing_function_offers_the_nearest_names(registry: FunctionRegistry) -> None:
    registry.lambda_function(name="validate_order")(print_nothing)
    registry.lambda_function(name="charge")(print_nothing)
    assert registry.nearest("arn:aws:lambda:us-east-1:123456789012:function:validate_ordr") == ("validate_order",)
    with pytest.raises(ResourceNotBound) as caught:
        registry.resolve("validate_ordr", pointer="/States/Validate")
    message = str(caught.value)
    assert "/States/Validate: no function named 'validate_ordr'" in message
    assert 'Did you mean "validate_order"?' in message
    assert "charge, validate_order" in message


def test_a_registry_is_a_collection(registry: FunctionRegistry) -> None:
    first = registry.lambda_function(name="first")(print_nothing)
    second = registry.lambda_function(name="second")(print_nothing)
    assert list(registry) == [first, second]
    assert len(registry) == 2
    assert 5 not in registry
    registry.remove("first")
    registry.remove("first")
    assert registry.names == ("second",)
    registry.clear()
    assert len(registry) == 0


def test_decorating_twice_wraps_once(registry: FunctionRegistry) -> None:
    slow = registry.lambda_function(name="slow", duration=2)(registry.lambda_function(print_nothing))
    assert slow.handler is print_nothing
    assert registry.names == ("print_nothing", "slow")


def _generator(_event: object) -> Iterator[int]:
    yield 1


async def _async_generator(_event: object) -> AsyncIterator[int]:
    yield 1


class _Handler:
    def __init__(self, _event: object) -> None: ...


@pytest.mark.parametrize(
    ("handler", "message"),
    [
        ("charge", r"write @lambda_function\(name=\'charge\'\)"),
        (5, "not a function"),
        (_Handler, "not a function"),
        (_generator, "_generator has a yield"),
        (_async_generator, "_async_generator has a yield"),
        (lambda event: event, "name="),
        (functools.partial(print_nothing), "name="),
        (lambda: 1, "name="),
    ],
)
def test_bad_use_says_what_to_do(registry: FunctionRegistry, handler: Any, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        registry.lambda_function(handler)
    assert len(registry) == 0


@pytest.mark.parametrize(
    "handler",
    [
        lambda: 1,
        lambda event, context, third: (event, context, third),
        lambda *, event: event,
        lambda event, *, required: (event, required),
    ],
)
def test_a_handler_that_cannot_take_an_event_is_refused(
    registry: FunctionRegistry, handler: Callable[..., Any]
) -> None:
    with pytest.raises(InvalidInput, match=r"def handler\(event\) or def handler\(event, context\)"):
        registry.lambda_function(name="handler")(handler)


@pytest.mark.parametrize(
    ("handler", "takes_lambda_context"),
    [
        (lambda event: event, False),
        (lambda event, *, verbose=False: (event, verbose), False),
        (lambda event, context: (event, context), True),
        (lambda event, context=None: (event, context), True),
        (lambda *arguments: arguments, True),
        (functools.partial(lambda config, event: (config, event), {}), False),
    ],
)
def test_the_signature_tells_whether_the_context_is_passed(
    handler: Callable[..., Any], takes_lambda_context: Any
) -> None:
    assert LambdaFunction(handler, name="handler").takes_lambda_context is takes_lambda_context


@pytest.mark.parametrize("name", ["", "with blank", "a" * 65, "größe", "a/b", "a:b", "<b>", "${x}", 5])
def test_names_that_lambda_refuses_are_refused(registry: FunctionRegistry, name: Any) -> None:
    with pytest.raises(InvalidInput, match="cannot be the name of a Lambda function"):
        registry.lambda_function(name=name)(print_nothing)


def test_a_bad_configuration_is_refused_before_the_function_is_registered(registry: FunctionRegistry) -> None:
    with pytest.raises(InvalidInput, match="timeout cannot be 1000"):
        registry.lambda_function(timeout=1000)(print_nothing)
    assert len(registry) == 0


def test_attributes_of_the_handler_do_not_hide_those_of_the_function() -> None:
    def handler(_event: object) -> None:
        return None

    handler.name = "other"  # type: ignore[attr-defined]  # a function may carry any attribute
    handler.tags = ["kept"]  # type: ignore[attr-defined]  # as above
    function = LambdaFunction(handler)
    assert function.name == "handler"
    assert vars(function)["tags"] == ["kept"]


def test_a_handlers_own_attributes_do_not_hide_what_a_function_can_do() -> None:
    def handler(event: str) -> str:
        return event

    handler.invoke = "mine"  # type: ignore[attr-defined]  # any function may have attributes
    function = FunctionRegistry().lambda_function(handler)
    assert function.invoke("x").payload == "x"
    assert vars(function)["__name__"] == "handler"
