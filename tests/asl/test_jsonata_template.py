from random import Random
from typing import Any

import pytest

from sfn_notebook import errors
from sfn_notebook.asl.environment import JsonataEvaluationError
from sfn_notebook.asl.jsonata import EagerScope
from sfn_notebook.asl.jsonata_template import (
    array_input,
    compile_array,
    compile_boolean,
    compile_integer,
    compile_number,
    compile_string,
    compile_template,
    compile_timestamp,
    is_expression,
)

pytest.importorskip("jsonatapy", reason="the main engine is not installed")


def scope(states: Any = None, **variables: Any) -> EagerScope:
    return EagerScope(states=states or {}, variables=variables, random=Random(7), now_seconds=0.0)


def failure_of(compile_field: Any, template: Any, field: str, where: EagerScope | None = None) -> tuple[str, Any]:
    with pytest.raises(JsonataEvaluationError) as raised:
        compile_field(template, field)(where or scope())
    assert raised.value.error == "States.QueryEvaluationError"
    return raised.value.detail, raised.value.location


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{% 1 %}", True),
        ("{%1%}", True),
        (" {% 1 %}", False),
        ("{% 1 %} ", False),
        ("$states.input", False),
        ("{%}", False),
        ("", False),
        ("{% 1", False),
    ],
)
def test_only_text_between_the_delimiters_is_an_expression(text: str, expected: bool) -> None:  # noqa: FBT001 - a table
    assert is_expression(text) is expected


def test_texts_at_any_depth_are_evaluated_and_all_else_is_itself() -> None:
    template = {
        "path": "$.a",
        "key.$": "{% $n %}",
        "padded": " {% $n %} ",
        "list": [1, "{% $states.input %}", {"deep": "{% $n + 1 %}"}, []],
        "null": None,
    }
    value = compile_template(template, "Output")(scope({"input": {"a": 1}}, n=2))
    assert value == {
        "path": "$.a",
        "key.$": 2,
        "padded": " {% $n %} ",
        "list": [1, {"a": 1}, {"deep": 3}, []],
        "null": None,
    }
    assert list(value) == list(template)


def test_a_template_without_expressions_is_given_as_it_is() -> None:
    template = {"a": [1, {"b": "c"}]}
    assert compile_template(template, "Output")(scope()) is template


@pytest.mark.parametrize(
    ("template", "field", "detail", "location"),
    [
        (
            "{% $doesNotExist %}",
            "Output",
            "The JSONata expression '$doesNotExist' specified for the field 'Output' returned nothing (undefined).",
            "Output",
        ),
        (
            {"result": "{% $doesNotExist %}"},
            "Assign",
            (
                "The JSONata expression '$doesNotExist' specified for the field 'Assign/result' returned nothing "
                "(undefined)."
            ),
            "Assign/result",
        ),
        (
            {"FunctionName": "{%$doesNotExist%}"},
            "Arguments",
            (
                "The JSONata expression '$doesNotExist' specified for the field 'Arguments/FunctionName' "
                "returned nothing (undefined)."
            ),
            "Arguments/FunctionName",
        ),
        (
            {"FunctionResult": "{% $randomSeeded($states.input.FunctionInput.fst) %}"},
            "Output",
            (
                "The JSONata expression '$randomSeeded($states.input.FunctionInput.fst)' specified for the field "
                "'Output/FunctionResult' threw an error during evaluation. T1006: Attempted to invoke a non-function"
            ),
            "Output/FunctionResult",
        ),
        (
            {"a": [1, {"b": "{% $doesNotExist %}"}]},
            "Output",
            (
                "The JSONata expression '$doesNotExist' specified for the field 'Output/a[1]/b' returned nothing "
                "(undefined)."
            ),
            "Output/a[1]/b",
        ),
    ],
)
def test_failures_of_any_field(template: Any, field: str, detail: str, location: str) -> None:
    assert failure_of(compile_template, template, field) == (detail, location)


@pytest.mark.parametrize(
    ("expression", "ending"),
    [
        ("$fn := function($x){$x}", "returned an unsupported result type."),
        (
            "'string'",
            "returned an unexpected result type. Expected 'array', but was 'string' for value: \"string\"",
        ),
        ("1", "returned an unexpected result type. Expected 'array', but was 'number' for value: 1"),
        ("null", "returned an unexpected result type. Expected 'array', but was 'null' for value: null"),
        ("true", "returned an unexpected result type. Expected 'array', but was 'boolean' for value: true"),
        (
            "{'foo': 'bar'}",
            "returned an unexpected result type. Expected 'array', but was 'object' for value: {\"foo\":\"bar\"}",
        ),
    ],
)
def test_items_that_are_no_array(expression: str, ending: str) -> None:
    detail = f"The JSONata expression '{expression}' specified for the field 'Items' {ending}"
    assert failure_of(compile_array, f"{{% {expression} %}}", "Items") == (detail, "Items")


@pytest.mark.parametrize("items", ["{% [] %}", "{% [0] %}", "{% [1, 'two', 3] %}", [1, "{% $number('2') %}", 3], [1]])
def test_items(items: Any) -> None:
    assert isinstance(compile_array(items, "Items")(scope()), list)


@pytest.mark.parametrize(
    ("value", "shown"), [({"foo": "bar"}, '{"foo":"bar"}'), ("string", '"string"'), (1, "1"), (None, "null")]
)
def test_a_map_without_items_needs_an_array(value: Any, shown: str) -> None:
    assert array_input([1]) == [1]
    with pytest.raises(JsonataEvaluationError) as raised:
        array_input(value)
    assert (raised.value.detail, raised.value.location) == (f"Map state input must be an array but was: {shown}", None)


@pytest.mark.parametrize(
    "text", ["2016-12-05T21:29:29", "2016-12-05 21:29:29Z", "2016-13-05T21:29:29Z", "05-12-2016T21:29:29Z"]
)
def test_timestamps_that_cannot_be_read(text: str) -> None:
    detail = f"The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string: {text}"
    where = scope({"input": {"t": text}})
    assert failure_of(compile_timestamp, "{% $states.input.t %}", "Timestamp", where) == (detail, "Timestamp")


def test_fields_of_one_type() -> None:
    where = scope({"input": {"n": 5}}, ok=True)
    assert compile_boolean("{% $ok and $states.input.n < 10 %}", "Condition")(where) is True
    assert compile_boolean(False, "Condition")(where) is False
    assert compile_integer("{% $variable := 1 %}", "TimeoutSeconds", minimum=1)(where) == 1
    assert compile_integer(30, "Seconds")(where) == 30
    assert compile_number("{% $states.input.n / 2 %}", "ToleratedFailurePercentage")(where) == 2.5
    assert compile_string("{% 'E' & $states.input.n %}", "Error")(where) == "E5"
    assert compile_timestamp("{% '1970-01-01T00:01:00Z' %}", "Timestamp")(where) == 60


@pytest.mark.parametrize(
    ("compile_field", "template", "kind", "was"),
    [
        (compile_boolean, "{% 1 %}", "boolean", "'number' for value: 1"),
        (compile_boolean, "{% 'true' %}", "boolean", "'string' for value: \"true\""),
        (compile_string, "{% [1] %}", "string", "'array' for value: [1]"),
        (compile_integer, "{% true %}", "number", "'boolean' for value: true"),
        (compile_timestamp, "{% 5 %}", "string", "'number' for value: 5"),
    ],
)
def test_a_wrong_type_is_told(compile_field: Any, template: str, kind: str, was: str) -> None:
    detail, location = failure_of(compile_field, template, "F")
    assert detail.endswith(f"returned an unexpected result type. Expected '{kind}', but was {was}")
    assert location == "F"


@pytest.mark.parametrize("expression", ["1.5", "-1"])
def test_an_integer_is_whole_and_not_below_its_minimum(expression: str) -> None:
    detail, location = failure_of(compile_integer, f"{{% {expression} %}}", "Seconds")
    assert "Seconds" in detail
    assert location == "Seconds"


def test_a_mistake_is_the_authors() -> None:
    with pytest.raises(errors.ExpressionSyntaxError):
        compile_template({"a": "{% $sum( %}"}, "Output")


def test_deep_templates_are_refused() -> None:
    template: Any = "{% 1 %}"
    for _ in range(5000):
        template = [template]
    with pytest.raises(errors.ExpressionSyntaxError, match="nested"):
        compile_template(template, "Output")
