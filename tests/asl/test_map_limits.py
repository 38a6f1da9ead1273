import pytest

from sfn_notebook._json import JSONValue
from sfn_notebook.asl import map_limits
from sfn_notebook.asl.environment import EvaluationError


@pytest.mark.parametrize(("value", "expected"), [(2, 2), ("2", 2), (-1, -1), ("-1", -1), (100_000_001, 100_000_001)])
def test_an_integer_may_be_written_as_text(value: JSONValue, expected: int) -> None:
    assert map_limits.integer_at("MaxItems", "$maxItems", value) == expected


@pytest.mark.parametrize(
    ("value", "shown"),
    [("NoNumber", "NoNumber"), ({}, "{}"), (1.5, "1.5"), ("1.5", "1.5"), (True, "true"), (None, "null"), ("", "")],
)
def test_what_is_no_integer_is_shown_as_recorded(value: JSONValue, shown: str) -> None:
    with pytest.raises(EvaluationError) as raised:
        map_limits.integer_at("MaxConcurrency", "$.MaxConcurrencyValue", value)
    assert raised.value.error == "States.Runtime"
    assert raised.value.detail == (
        f'The MaxConcurrencyPath field refers to value "{shown}" which is not a valid integer: $.MaxConcurrencyValue'
    )


@pytest.mark.parametrize(("value", "expected"), [(1, 1.0), (0.5, 0.5), ("12.5", 12.5), ("1e1", 10.0)])
def test_a_percentage_may_be_written_as_text(value: JSONValue, expected: float) -> None:
    assert map_limits.float_at("ToleratedFailurePercentage", "$.p", value) == expected


@pytest.mark.parametrize("value", ["NoNumber", "nan", "inf", "1_0", {}, [], None, True])
def test_what_is_no_number_is_refused_as_recorded(value: JSONValue) -> None:
    with pytest.raises(EvaluationError, match=r"which is not a valid float: \$\.ToleratedFailurePercentage"):
        map_limits.float_at("ToleratedFailurePercentage", "$.ToleratedFailurePercentage", value)


def test_ranges_are_told_as_recorded() -> None:
    with pytest.raises(EvaluationError, match=r"ToleratedFailureCount cannot be negative\.$") as count:
        map_limits.tolerated_failure_count(-1)
    with pytest.raises(EvaluationError, match=r"ToleratedFailurePercentage must be between 0 and 100\.$"):
        map_limits.tolerated_failure_percentage(100.1)
    with pytest.raises(EvaluationError, match=r"field MaxItems must be positive$") as items:
        map_limits.max_items(-1)
    with pytest.raises(EvaluationError):
        map_limits.batch_limit("MaxItemsPerBatch", 0)
    with pytest.raises(EvaluationError):
        map_limits.max_concurrency(-1)
    assert (count.value.error, count.value.prefixed) == ("States.Runtime", True)
    assert (items.value.error, items.value.prefixed) == ("States.ItemReaderFailed", False)


@pytest.mark.parametrize("value", [0, 50, 100])
def test_the_ends_of_the_ranges_are_allowed(value: int) -> None:
    assert map_limits.tolerated_failure_percentage(value) == value
    assert map_limits.tolerated_failure_count(value) == value
    assert map_limits.max_items(value) == value
