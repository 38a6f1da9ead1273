from collections.abc import Iterator
from itertools import zip_longest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfn_notebook import _json
from sfn_notebook._json import ABSENT, JSONValue
from sfn_notebook.asl.environment import EvaluationError
from sfn_notebook.engine.item_batcher import batches


def test_items_are_grouped_by_number() -> None:
    assert list(batches([1, 2, 3], max_items=2)) == [{"Items": [1, 2]}, {"Items": [3]}]


def test_eleven_hundred_and_thirty_items_make_twelve_batches_of_at_most_a_hundred() -> None:
    assert [len(batch["Items"]) for batch in batches(range(1130), max_items=100)] == [100] * 11 + [30]


def test_batch_input_comes_first_in_every_batch() -> None:
    made = list(batches(["a", "b"], max_items=1, batch_input={"factCheck": "December 2022"}))
    assert _json.dump(made[0]) == '{"BatchInput":{"factCheck":"December 2022"},"Items":["a"]}'
    assert made[1]["BatchInput"] == {"factCheck": "December 2022"}
    assert list(batches(["a"], batch_input=None)) == [{"BatchInput": None, "Items": ["a"]}]


def test_no_items_make_no_batch() -> None:
    assert list(batches([], max_items=5)) == []


def test_without_a_size_a_batch_fills_an_execution_input() -> None:
    sizes = [_json.size_bytes(batch) for batch in batches(["x" * 9_998] * 40, max_items=100)]
    assert len(sizes) == 2
    assert 252_144 < sizes[0] <= 262_144


def test_a_larger_size_counts_as_that_of_an_execution_input() -> None:
    assert len(list(batches(["x" * 9_998] * 40, max_input_bytes=10_000_000))) == 2


def test_an_item_that_fits_in_no_batch_fails() -> None:
    made = batches(["x", "x" * 100], max_input_bytes=50)
    with pytest.raises(EvaluationError, match="An item of 102 bytes does not fit in a batch of at most 50 bytes"):
        list(made)


def test_batches_are_made_as_items_come() -> None:
    seen: list[int] = []

    def items() -> Iterator[JSONValue]:
        for number in range(10):
            seen.append(number)
            yield number

    made = batches(items(), max_items=2)
    assert next(made) == {"Items": [0, 1]}
    assert seen == [0, 1, 2]


@given(
    items=st.lists(st.text(max_size=9) | st.integers(0, 10**9), max_size=30),
    max_items=st.none() | st.integers(1, 5),
    max_input_bytes=st.integers(100, 180),  # the longest item, in escapes, with the longest envelope, has 97
    batch_input=st.just(ABSENT) | st.dictionaries(st.text("ab", max_size=2), st.integers(0, 9), max_size=2),
)
def test_batches_hold_every_item_once_and_as_many_as_fit(
    items: list[JSONValue], max_items: int | None, max_input_bytes: int, batch_input: JSONValue
) -> None:
    made = list(batches(items, max_items=max_items, max_input_bytes=max_input_bytes, batch_input=batch_input))
    assert [item for batch in made for item in batch["Items"]] == items
    for batch, following in zip_longest(made, made[1:]):
        assert _json.size_bytes(batch) <= max_input_bytes
        assert max_items is None or len(batch["Items"]) <= max_items
        if following is not None and len(batch["Items"]) != max_items:
            larger = {**batch, "Items": [*batch["Items"], following["Items"][0]]}
            assert _json.size_bytes(larger) > max_input_bytes
