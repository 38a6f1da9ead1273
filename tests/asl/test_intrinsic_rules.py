"""Literal arguments of intrinsic functions."""

import pytest

from sfn_notebook.asl.intrinsic_rules import find_literal_mistake


@pytest.mark.parametrize(
    ("text", "column", "words"),
    [
        ("States.MathAdd(1, '2')", 19, "argument 2 of States.MathAdd must be of type number, not string"),
        ("States.ArrayLength('x')", 20, "type array, not string"),
        ("States.Format('{}', States.MathAdd(true, 1))", 36, "type number, not boolean"),
        ("States.JsonMerge($.a, $.b, 'false')", 28, "type boolean, not string"),
        ("States.StringSplit($.a, 5)", 25, "type string, not number"),
        ("States.Hash($.a, null)", 18, "type string, not null"),
    ],
)
def test_literal_of_the_wrong_type_is_found(text: str, column: int, words: str) -> None:
    mistake = find_literal_mistake(text)
    assert mistake is not None
    assert mistake.column == column
    assert words in mistake.reason


@pytest.mark.parametrize(
    "text",
    [
        "States.MathAdd($.a, -1)",
        "States.MathAdd(States.ArrayLength($$.Execution.Input.machines), -1)",
        "States.Array('a', 1, null, true)",
        "States.Format('States.MathAdd(1, \\'x\\')')",
        "States.ArrayGetItem($.a[?(@.x == 'a,b')].n, 0)",
        "States.ArrayContains($.a, 'x')",
        "States.Hash(5, 'MD5')",
        "States.UUID()",
    ],
)
def test_right_types_and_values_known_at_run_time_pass(text: str) -> None:
    assert find_literal_mistake(text) is None
