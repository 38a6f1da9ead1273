"""Hostile definitions: each is read and checked, or clearly refused, in bounded time and memory."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest

from sfn_notebook.asl.compile import compile_definition
from sfn_notebook.asl.fields import STATES
from sfn_notebook.asl.parser import parse_definition
from sfn_notebook.asl.source import Document, Format, read_document
from sfn_notebook.asl.validation import validate
from sfn_notebook.errors import InvalidInput
from sfn_notebook.functions.registry import FunctionRegistry
from sfn_notebook.workspace import Workspace

Bounded = Callable[[float], AbstractContextManager[None]]
Json = dict[str, Any]

END: Json = {"Type": "Succeed"}
ONE = {"items": [1]}
HEAD_JSON = '{"StartAt": "S", "States": {"S": {"Type": "Pass", "End": true, "Result": '
HEAD_YAML = "StartAt: S\nStates:\n  S:\n    Type: Pass\n    End: true\n    Result: "


def result_json(text: str) -> str:
    return f"{HEAD_JSON}{text}}}}}}}"


def result_yaml(text: str) -> str:
    return f"{HEAD_YAML}{text}\n"


def laughs(levels: int, width: int) -> str:
    """The billion laughs: each line repeats the one before."""
    lines = ["&x0 lol"] + [f"&x{n} [{', '.join([f'*x{n - 1}'] * width)}]" for n in range(1, levels)]
    return "\n" + "\n".join(f"      - {line}" for line in lines)


def merges(count: int) -> str:
    """Mappings that merge all those before them."""
    lines = ["&m0 {a0: 1}"]
    lines += [f"&m{n} {{a{n}: 1, <<: [{', '.join(f'*m{k}' for k in range(n))}]}}" for n in range(1, count)]
    return "\n" + "\n".join(f"      - {line}" for line in lines)


def chain(count: int) -> Json:
    states: Json = {f"S{n}": {"Type": "Pass", "Next": f"S{n + 1}"} for n in range(count - 1)}
    return {"StartAt": "S0", "States": {**states, f"S{count - 1}": END}}


def one(state: Json, **fields: Any) -> Json:
    return {**fields, "StartAt": "S", "States": {"S": state}}


def nested(opening: str, closing: str, depth: int, inner: str = "1") -> str:
    return opening * depth + inner + closing * depth


# What each text must give: the rules that it breaks, each once; none where it is valid.
TEXTS: list[tuple[str, Format, str, set[str]]] = [
    ("billion laughs", "yaml", result_yaml(laughs(30, 10)), {"YAML_EXPANSION"}),
    ("wide laughs", "yaml", result_yaml(laughs(4, 3_000)), {"YAML_EXPANSION"}),
    ("an alias to itself", "yaml", result_yaml("&a [*a]"), {"YAML_SYNTAX"}),
    ("an alias to a list around it", "yaml", result_yaml("&a {b: {c: [*a]}}"), {"YAML_SYNTAX"}),
    ("merges of merges", "yaml", result_yaml(merges(24)), {"YAML_EXPANSION"}),
    ("many anchors", "yaml", result_yaml("[" + ", ".join(f"&a{n} {n}" for n in range(50_000)) + "]"), set()),
    ("a mapping as key", "yaml", result_yaml("{? {a: b} : c}"), {"YAML_NOT_JSON"}),
    ("a tag that would make an object", "yaml", result_yaml("!!python/object/apply:os.system [ls]"), {"YAML_NOT_JSON"}),
    ("YAML's infinity", "yaml", result_yaml("-.inf"), {"YAML_NOT_JSON"}),
    ("a NUL in YAML", "yaml", result_yaml("a\x00b"), {"YAML_SYNTAX"}),
    ("deep flow YAML", "yaml", result_yaml(nested("[", "]", 100_000)), {"NESTING_TOO_DEEP"}),
    ("deep block YAML", "yaml", result_yaml("\n      " + "- " * 5_000 + "a"), {"NESTING_TOO_DEEP"}),
    ("unclosed YAML", "yaml", result_yaml("{a: " * 100), {"YAML_SYNTAX"}),
    ("a second document", "yaml", result_yaml("1") + "---\n" * 10_000, {"YAML_SYNTAX"}),
    ("200 levels", "json", result_json(nested("[", "]", 197)), set()),
    ("200 levels in YAML", "yaml", result_yaml(nested("[", "]", 197)), set()),
    ("201 levels", "json", result_json(nested("[", "]", 198)), {"NESTING_TOO_DEEP"}),
    ("deep arrays", "json", result_json(nested("[", "]", 400_000)), {"NESTING_TOO_DEEP"}),
    ("deep objects", "json", result_json(nested('{"a":', "}", 100_000)), {"NESTING_TOO_DEEP"}),
    ("only openings", "json", "[" * 1_000_000, {"NESTING_TOO_DEEP"}),
    ("a long string", "json", result_json(json.dumps("x" * 1_000_000)), set()),
    ("escapes only", "json", result_json('"' + "\\u0041" * 170_000 + '"'), set()),
    ("backslashes without end", "json", result_json('"' + "\\" * 900_001), {"JSON_SYNTAX"}),
    ("a megabyte of numbers", "json", result_json("[" + "123456," * 149_000 + "0]"), set()),
    ("blanks", "json", " " * 1_000_000 + "{", {"JSON_SYNTAX"}),
    ("too large", "json", result_json(json.dumps("x" * 1_100_000)), {"DEFINITION_TOO_LARGE"}),
    ("too large in bytes",
     "json", result_json(json.dumps("\u20ac" * 400_000, ensure_ascii=False)), {"DEFINITION_TOO_LARGE"}),
    ("an integer of 401 digits", "json", result_json("1" + "0" * 400), set()),
    ("an integer of 401 digits in YAML", "yaml", result_yaml("1" + "0" * 400), set()),
    ("an integer of a million digits", "json", result_json("1" * 1_000_000), {"NUMBER_TOO_LARGE"}),
    ("an integer of a million digits in YAML", "yaml", result_yaml("1" * 1_000_000), {"NUMBER_TOO_LARGE"}),
    ("a huge exponent", "json", result_json("1e999999999"), {"NUMBER_TOO_LARGE"}),
    ("a tiny exponent", "json", result_json("1e-999999999"), set()),
    ("NaN", "json", result_json("NaN"), {"JSON_SYNTAX"}),
    ("Infinity", "json", result_json("-Infinity"), {"JSON_SYNTAX"}),
    ("a control character", "json", result_json('"a\x07b"'), {"JSON_SYNTAX"}),
    ("an escaped NUL", "json", result_json('"a\\u0000b"'), set()),
    ("a NUL", "json", result_json('"a\x00b"'), {"JSON_SYNTAX"}),
    ("half a pair", "json", result_json('"\\ud83d"'), {"LONE_SURROGATE"}),
    ("halves the wrong way round", "json", result_json('"\\ude00\\ud83d"'), {"LONE_SURROGATE"}),
    ("both halves", "json", result_json('"\\ud83d\\ude00"'), set()),
    ("half a pair in the text", "json", result_json('"\ud83d"'), {"LONE_SURROGATE"}),
    ("half a pair in YAML", "yaml", result_yaml('"\ud83d"'), {"LONE_SURROGATE"}),
    ("a duplicate", "json", result_json('{"a": 1, "a": 2}'), {"DUPLICATE_KEY"}),
    ("a duplicate by escape", "json", result_json('{"a": 1, "\\u0061": 2}'), {"DUPLICATE_KEY"}),
    ("nothing", "json", "", {"JSON_SYNTAX"}),
    ("nothing in YAML", "yaml", "", {"YAML_SYNTAX"}),
    ("a byte order mark", "json", "\ufeff" + result_json("1"), set()),
    ("two byte order marks", "json", "\ufeff\ufeff" + result_json("1"), {"JSON_SYNTAX"}),
]  # fmt: skip


@pytest.mark.parametrize(("format", "text", "rules"), [each[1:] for each in TEXTS], ids=[each[0] for each in TEXTS])
def test_a_hostile_text_is_read_or_refused(bounded: Bounded, format: Format, text: str, rules: set[str]) -> None:
    with bounded(400):
        problems = validate(read_document(text, format=format))
    assert {each.rule for each in problems} == rules
    assert len(problems) == len(rules)
    assert all(len(str(each)) < 1_000 for each in problems)


def test_a_hundred_thousand_duplicates_are_all_reported(bounded: Bounded) -> None:
    text = result_json("{" + ",".join(['"a":1'] * 100_000) + "}")
    with bounded(400):
        problems = validate(read_document(text))
    assert [each.rule for each in problems] == ["DUPLICATE_KEY"] * 99_999
    assert problems[-1].column == text.rindex('"a"') + 1


def test_a_word_of_a_megabyte_is_refused_in_a_short_message(bounded: Bounded) -> None:
    for text in (result_json("x" * 1_000_000), result_json('"' + "x" * 1_000_000), "x" * 1_000_000):
        with bounded(300):
            problems = validate(read_document(text, format="json"))
        assert problems
        assert all(len(str(each)) < 500 for each in problems)


def test_ten_thousand_states_are_checked_compiled_and_run(bounded: Bounded) -> None:
    machine = Workspace(registry=FunctionRegistry()).define("Chain", json.dumps(chain(10_000)))
    with bounded(400):
        execution = machine.run({"n": 1})
    assert execution.output == {"n": 1}
    assert len(execution.history) == 20_002


def test_ten_thousand_states_from_yaml_and_from_python(bounded: Bounded) -> None:
    definition = chain(10_000)
    lines = ["StartAt: S0", "States:"]
    for name, state in definition["States"].items():
        lines += [f"  {name}:", *(f"    {key}: {value}" for key, value in state.items())]
    with bounded(600):
        assert validate(read_document("\n".join(lines), format="yaml")) == ()
        assert validate(Document.from_value(definition)) == ()


def test_ten_thousand_lost_states_are_ten_thousand_problems(bounded: Bounded) -> None:
    states = {f"S{n}": END for n in range(10_000)}
    with bounded(400):
        problems = validate(read_document(json.dumps({"StartAt": "S0", "States": states})))
    assert [each.rule for each in problems] == ["UNREACHABLE_STATE"] * 9_999


def test_thousands_of_branches_are_checked_and_run(bounded: Bounded) -> None:
    branches = [{"StartAt": f"B{n}", "States": {f"B{n}": {"Type": "Pass", "End": True}}} for n in range(5_000)]
    machine = Workspace(registry=FunctionRegistry()).define(
        "Wide", one({"Type": "Parallel", "Branches": branches, "End": True})
    )
    with bounded(500):
        execution = machine.run(1)
    assert execution.output == [1] * 5_000


def levels(count: int, state_of: Callable[[Json], Json]) -> Json:
    inner: Json = {"StartAt": "S", "States": {"S": {"Type": "Pass", "End": True}}}
    for level in range(count):
        inner = {"StartAt": f"P{level}", "States": {f"P{level}": {**state_of(inner), "End": True}}}
    return inner


@pytest.mark.parametrize(
    ("state_of", "deepest"),
    [
        (lambda inner: {"Type": "Parallel", "Branches": [inner], "OutputPath": "$[0]"}, 48),
        (lambda inner: {"Type": "Map", "ItemProcessor": inner, "ItemsPath": "$.items", "ItemSelector": ONE}, 64),
    ],
    ids=["Parallel", "Map"],
)  # fmt: skip
def test_states_nest_as_deep_as_the_text_may(bounded: Bounded, state_of: Callable[[Json], Json], deepest: int) -> None:
    workspace = Workspace(registry=FunctionRegistry())
    with bounded(200):
        execution = workspace.define("Deep", levels(deepest, state_of)).run({"items": [1]})
        [problem] = validate(read_document(json.dumps(levels(200, state_of))))
    assert execution.status == "SUCCEEDED", execution.cause
    assert problem.rule == "NESTING_TOO_DEEP"


def test_a_choice_rule_nests_as_deep_as_the_text_may(bounded: Bounded) -> None:
    rule: Json = {"Variable": "$.a", "IsPresent": True}
    for level in range(190):
        rule = {"Not": rule} if level % 2 else {"And": [rule]} if level % 3 else {"Or": [rule]}
        if len(json.dumps(rule).replace("[", "{").split("{")) > 190:
            break
    states = {"S": {"Type": "Choice", "Choices": [{**rule, "Next": "E"}], "Default": "E"}, "E": END}
    with bounded(100):
        assert (
            Workspace(registry=FunctionRegistry()).define("C", {"StartAt": "S", "States": states}).run({}).status
            == "SUCCEEDED"
        )


NAMES = [
    "quote\" ' ` mark",
    "<script>alert('x')</script> & <b>",
    "\u202eright to left\u202c \u0627\u0644\u0639\u0631\u0628\u064a\u0629",
    "line\nbreak\ttab",
    "nul\x00 bell\x07 escape\x1b[31m",
    "\U0001f469\u200d\U0001f469\u200d\U0001f467 \u00e9 e\u0301",
    "slash/tilde~0~1 dot.$ {% %} ${ } {}",
    "\u2028\u2029\u00a0\ufeff",
    "%s %d {0} \\u0041 \\",
    "x" * 80,
]


@pytest.mark.parametrize("name", NAMES)
def test_a_state_may_have_any_name(name: str) -> None:
    definition = {
        "StartAt": name,
        "States": {name: {"Type": "Task", "Resource": "echo", "Next": "End"}, "End": END, "Lost": END},
    }
    [problem] = validate(read_document(json.dumps(definition)))
    assert (problem.rule, problem.pointer) == ("UNREACHABLE_STATE", "/States/Lost")
    workspace = Workspace(registry=FunctionRegistry())

    @workspace.registry.lambda_function
    def echo(event: Any) -> Any:
        return {name: event}

    del definition["States"]["Lost"]  # type: ignore[attr-defined]  # a literal of mixed values
    execution = workspace.define("M", json.dumps(definition)).run({name: 1})
    assert execution.output == {name: {name: 1}}
    assert execution.history[1]["stateEnteredEventDetails"]["name"] == name
    json.dumps(execution.history)


@pytest.mark.parametrize("name", NAMES[:-1])
def test_a_wrong_name_is_shown_as_it_is(name: str) -> None:
    [problem] = validate(read_document(json.dumps({"StartAt": name, "States": {"S": END}})))
    assert problem.rule == "MISSING_TRANSITION_TARGET"
    assert name in problem.message


def _itself() -> Json:
    state: Json = {"Type": "Pass", "End": True}
    state["Result"] = state
    return one(state)


def _deep(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    "value",
    [
        _itself(),
        one({"Type": "Pass", "End": True, "Result": _deep(100_000)}),
        one({"Type": "Pass", "End": True, "Result": float("nan")}),
        one({"Type": "Pass", "End": True, "Result": float("-inf")}),
        one({"Type": "Pass", "End": True, "Result": "\ud83d"}),
        one({"Type": "Pass", "End": True, "Result": 10**5_000}),
        one({"Type": "Pass", "End": True, "Result": {1, 2}}),
        one({"Type": "Pass", "End": True, "Result": {1: 2}}),
        one({"Type": "Pass", "End": True, "Result": {"\ud83d": 2}}),
        one({"Type": "Pass", "End": True, "Result": b"bytes"}),
        {"StartAt": "S", "States": {None: END}},
    ],
    ids=["itself", "deep", "NaN", "infinity", "surrogate", "huge", "set", "number key", "half key", "bytes", "null"],
)  # fmt: skip
def test_a_python_value_that_json_cannot_hold_is_refused(bounded: Bounded, value: Any) -> None:
    with bounded(200), pytest.raises(InvalidInput) as raised:
        Document.from_value(value)
    assert raised.value.hint
    assert len(str(raised.value)) < 500


def test_a_shared_python_value_is_counted_as_often_as_it_stands(bounded: Bounded) -> None:
    value: Any = "lol"
    for _ in range(60):
        value = [value, value]
    with bounded(500), pytest.raises(InvalidInput):
        Document.from_value(one({"Type": "Pass", "End": True, "Result": value}))


@pytest.mark.parametrize("kind", [[], {}, None, 5, True, "", "pass"])
def test_a_type_of_any_kind_is_refused(kind: Any) -> None:
    [problem] = validate(read_document(json.dumps(one({"Type": kind}))))
    assert problem.rule == "WRONG_VALUE"


@pytest.mark.parametrize("value", [[], {}, None, 10**400, -(10**400), True, "", "\x00", [[[]]], {"": {"": ""}}])
def test_any_value_in_any_field_is_judged(value: Any) -> None:
    for kind, table in STATES.items():
        for name in table:
            document = read_document(json.dumps(one({"Type": kind, "End": True, name: value})))
            problems = validate(document)
            assert all(each.message for each in problems)
            if not any(each.severity == "ERROR" for each in problems):
                compile_definition(parse_definition(document))
