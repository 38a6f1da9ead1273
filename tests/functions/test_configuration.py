import math
from typing import Any

import pytest

from sfn_notebook.errors import InvalidInput
from sfn_notebook.functions.configuration import FunctionConfiguration


def test_defaults_are_those_of_lambda() -> None:
    configuration = FunctionConfiguration()
    assert configuration.timeout_seconds == 3
    assert configuration.memory_megabytes == 128
    assert configuration.duration_for({}) == 0


@pytest.mark.parametrize("timeout", [0, 0.5, -1, 901, math.nan, math.inf, "3", None, True])
def test_a_timeout_that_lambda_refuses_is_refused(timeout: Any) -> None:
    with pytest.raises(InvalidInput, match="from 1 to 900"):
        FunctionConfiguration(timeout_seconds=timeout)


@pytest.mark.parametrize("memory", [0, 127, 10241, 128.0, 512.5, "128", None, True])
def test_a_memory_that_lambda_refuses_is_refused(memory: Any) -> None:
    with pytest.raises(InvalidInput, match="128 to 10240"):
        FunctionConfiguration(memory_megabytes=memory)


@pytest.mark.parametrize("duration", [-0.1, math.nan, math.inf, "1", None, True])
def test_a_duration_that_is_no_time_is_refused(duration: Any) -> None:
    with pytest.raises(InvalidInput, match="modelled seconds"):
        FunctionConfiguration(duration_seconds=duration)
    with pytest.raises(InvalidInput, match="modelled seconds"):
        FunctionConfiguration(duration_seconds=lambda _event: duration).duration_for({})


def test_the_bounds_themselves_are_allowed() -> None:
    FunctionConfiguration(timeout_seconds=1, memory_megabytes=128, duration_seconds=0)
    FunctionConfiguration(timeout_seconds=900, memory_megabytes=10240, duration_seconds=1e9)


def test_a_duration_may_depend_on_the_event_without_changing_it() -> None:
    def seconds_for(event: Any) -> float:
        return float(len(event["items"].pop()))

    event = {"items": ["ab", "abc"]}
    assert FunctionConfiguration(duration_seconds=seconds_for).duration_for(event) == 3.0
    assert event == {"items": ["ab", "abc"]}


def test_a_duration_that_raises_is_the_authors_error() -> None:
    configuration = FunctionConfiguration(duration_seconds=lambda event: event["missing"])
    with pytest.raises(InvalidInput, match="raised KeyError: 'missing'"):
        configuration.duration_for({})
