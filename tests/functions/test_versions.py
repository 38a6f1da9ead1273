from collections import Counter
from typing import Any

import pytest

from sfn_notebook.functions.lambda_context import LambdaContext
from sfn_notebook.functions.lambda_errors import (
    InvalidParameterValueException,
    ResourceConflictException,
    ResourceNotFoundException,
)
from sfn_notebook.functions.lambda_service import LambdaService
from sfn_notebook.functions.registry import FunctionRegistry

ARN = "arn:aws:lambda:us-east-1:123456789012:function:price"


def _define(registry: FunctionRegistry, answer: Any) -> None:
    """Run the cell that defines ``price`` again, with other code."""
    registry.lambda_function(name="price")(lambda _event: answer)


@pytest.fixture
def published(registry: FunctionRegistry, service: LambdaService) -> LambdaService:
    """``price`` with version 1, which answers 1, version 2, which answers 2, and newer code, which answers 3."""
    for answer in (1, 2):
        _define(registry, answer)
        service.publish_version("price")
    _define(registry, 3)
    return service


def test_a_version_keeps_the_code_that_it_was_published_with(published: LambdaService) -> None:
    assert published.invoke("price").payload == 3
    assert published.invoke("price", qualifier="1").payload == 1
    assert published.invoke(f"{ARN}:2").payload == 2
    assert published.invoke("price:$LATEST").payload == 3


def test_the_answer_names_the_version_that_ran(published: LambdaService) -> None:
    assert published.invoke("price").executed_version == "$LATEST"
    assert published.invoke("price:1").executed_version == "1"


def test_publishing_unchanged_code_gives_the_last_version(published: LambdaService) -> None:
    third = published.publish_version("price", "with tax")
    assert (third.version, third.arn, third.description) == ("3", f"{ARN}:3", "with tax")
    assert published.publish_version("price") is third


def test_what_is_not_published_is_not_found(published: LambdaService) -> None:
    with pytest.raises(ResourceNotFoundException, match=f"Function not found: {ARN}:9"):
        published.invoke("price:9")
    with pytest.raises(ResourceNotFoundException, match=f"Function not found: {ARN}:live"):
        published.invoke("price", qualifier="live")


def test_an_alias_stands_for_a_version(published: LambdaService) -> None:
    alias = published.create_alias("price", "live", "1")
    assert alias.arn == f"{ARN}:live"
    response = published.invoke("price:live")
    assert (response.payload, response.executed_version) == (1, "1")
    published.update_alias("price", "live", "2")
    assert published.invoke("price:live").payload == 2
    published.delete_alias("price", "live")
    with pytest.raises(ResourceNotFoundException):
        published.invoke("price:live")


def test_weights_share_the_calls_of_an_alias(published: LambdaService) -> None:
    published.create_alias("price", "canary", "1", routing={"2": 0.1})
    counts = Counter(published.invoke("price:canary").executed_version for _ in range(2000))
    assert set(counts) == {"1", "2"}
    assert 150 < counts["2"] < 250


@pytest.mark.parametrize(
    ("name", "version", "routing", "error"),
    [
        ("live", "1", {}, ResourceConflictException),
        ("other", "9", {}, ResourceNotFoundException),
        ("other", "1", {"9": 0.1}, ResourceNotFoundException),
        ("other", "1", {"2": 1.5}, InvalidParameterValueException),
        ("other", "1", {"2": -0.1}, InvalidParameterValueException),
        ("other", "1", {"1": 0.5}, InvalidParameterValueException),
        ("other", "$LATEST", {"1": 0.5}, InvalidParameterValueException),
        ("42", "1", {}, InvalidParameterValueException),
        ("a b", "1", {}, InvalidParameterValueException),
    ],
)
def test_aliases_that_lambda_refuses_are_refused(
    published: LambdaService, name: str, version: str, routing: dict[str, float], error: type[Exception]
) -> None:
    published.create_alias("price", "live", "1")
    with pytest.raises(error):
        published.create_alias("price", name, version, routing=routing)


def test_an_alias_that_is_not_there_cannot_be_updated(published: LambdaService) -> None:
    with pytest.raises(ResourceNotFoundException, match=f"Cannot find alias arn: {ARN}:live"):
        published.update_alias("price", "live", "1")


def test_a_handler_learns_what_was_invoked(registry: FunctionRegistry, service: LambdaService) -> None:
    @registry.lambda_function
    def who(_event: Any, context: LambdaContext) -> list[str]:
        return [context.function_version, context.invoked_function_arn, context.log_stream_name]

    who.publish_version()
    who.create_alias("live", "1")
    plain, version, alias = (service.invoke(f"who{suffix}").payload for suffix in ("", ":1", ":live"))
    arn = "arn:aws:lambda:us-east-1:123456789012:function:who"
    assert plain[:2] == ["$LATEST", arn]
    assert version[:2] == ["1", f"{arn}:1"]
    assert alias[:2] == ["1", f"{arn}:live"]
    assert "[$LATEST]" in plain[2]
    assert version[2] == alias[2] != plain[2]


def test_versions_do_not_share_environments(registry: FunctionRegistry, service: LambdaService) -> None:
    price = registry.lambda_function(name="price", init=1)(lambda _event: 1)
    price.publish_version()
    assert "Init Duration" in price.invoke().log
    assert "Init Duration" in price.invoke(qualifier="1").log
    assert "Init Duration" not in price.invoke(qualifier="1").log
