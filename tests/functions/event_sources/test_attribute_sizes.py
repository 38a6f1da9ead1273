"""``SizeBytes`` of a table's changes, by the sample events of the developer guide."""

from typing import Any

import pytest

from sfn_notebook.functions.event_sources.attribute_sizes import item_bytes

KEYS = {"Id": {"N": "101"}}
FIRST = {"Message": {"S": "New item!"}, "Id": {"N": "101"}}
SECOND = {"Message": {"S": "This item has changed"}, "Id": {"N": "101"}}


@pytest.mark.parametrize(
    ("images", "size_bytes"), [((KEYS, FIRST), 26), ((KEYS, SECOND, FIRST), 59), ((KEYS, SECOND), 38)]
)
def test_the_guide_s_changes_have_their_sizes(images: tuple[dict[str, Any], ...], size_bytes: int) -> None:
    assert sum(map(item_bytes, images)) == size_bytes


@pytest.mark.parametrize(
    ("value", "size_bytes"),
    [
        ({"S": ""}, 0),
        ({"S": "Käse"}, 5),
        ({"N": "0"}, 2),
        ({"N": "-1200.50"}, 4),
        ({"B": "YWI="}, 2),
        ({"BOOL": True}, 1),
        ({"NULL": True}, 1),
        ({"SS": ["a", "bc"]}, 3),
        ({"NS": ["1", "200"]}, 4),
        ({"L": [{"S": "ab"}, {"BOOL": False}]}, 8),
        ({"M": {"name": {"S": "x"}}}, 9),
    ],
)
def test_each_type_is_counted(value: dict[str, Any], size_bytes: int) -> None:
    assert item_bytes({"a": value}) == 1 + size_bytes
