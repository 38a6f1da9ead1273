"""Validation: every rule at least once, all problems at once, each with its place and remedy."""

import json
from typing import Any

import pytest

from sfn_notebook.asl.rules import ERROR, RULES, WARNING
from sfn_notebook.asl.source import Document, read_document
from sfn_notebook.asl.validation import validate
from sfn_notebook.errors import Problem

Json = dict[str, Any]

END: Json = {"Type": "Succeed"}
TASK: Json = {"Type": "Task", "Resource": "work", "End": True}
INNER: Json = {"StartAt": "I", "States": {"I": {"Type": "Pass", "End": True}}}


def machine(state: Json, /, **fields: Any) -> Json:
    """A machine whose first state is ``state``, followed by a Succeed state that it may lead to."""
    states: Json = {"S": state, "E": END}
    text = json.dumps(state)
    return {"StartAt": "S", "States": states if '"E"' in text else {"S": state}, **fields}


def pass_state(**fields: Any) -> Json:
    return machine({"Type": "Pass", "End": True, **fields})


def jsonata(**fields: Any) -> Json:
    return machine({"Type": "Pass", "End": True, **fields}, QueryLanguage="JSONata")


def task(**fields: Any) -> Json:
    return machine({**TASK, **fields})


def choice(*rules: Json, **fields: Any) -> Json:
    return machine({"Type": "Choice", "Choices": list(rules), "Default": "E", **fields})


def map_state(**fields: Any) -> Json:
    return machine({"Type": "Map", "End": True, "ItemProcessor": INNER, **fields})


def retry(*retriers: Json) -> Json:
    return task(Retry=list(retriers))


def check(definition: Json, **options: Any) -> tuple[Problem, ...]:
    return validate(read_document(json.dumps(definition, indent=2)), **options)


def distributed(**fields: Any) -> Json:
    config = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    return {"Type": "Map", "End": True, "ItemProcessor": {**INNER, "ProcessorConfig": config}, **fields}


TEST = {"Variable": "$.a", "IsNull": True, "Next": "E"}

BREACHES: list[tuple[str, str, Json, str]] = [
    ("UNKNOWN_FIELD", "/States/S/InputPth", pass_state(InputPth="$"), '"InputPath"'),
    ("UNKNOWN_FIELD", "/States/S/Retry", pass_state(Retry=[]), "It belongs to Task, Parallel, Map"),
    ("UNKNOWN_FIELD", "/States/S/Next", choice(TEST, Next="E"), '"Default"'),
    ("UNKNOWN_FIELD", "/States/S/Choices/0/End", choice({**TEST, "End": True}), "cannot end its branch"),
    ("UNKNOWN_FIELD", "/States/S/Choices/0/StringEqual", choice({**TEST, "StringEqual": "x"}), '"StringEquals"'),
    ("UNKNOWN_FIELD", "/Start", {**pass_state(), "Start": 1}, '"StartAt"'),
    ("MISSING_FIELD", "/States/S", machine({"Type": "Task", "End": True}), '"Resource"'),
    ("MISSING_FIELD", "", {"States": {"S": END}}, '"StartAt"'),
    ("MISSING_FIELD", "/States/S", machine({"End": True}), "Task, Pass, Choice"),
    ("MISSING_FIELD", "/States/S", machine({"Type": "Wait", "End": True}), "SecondsPath"),
    ("MISSING_FIELD", "/States/S", machine({"Type": "Map", "End": True}), '"ItemProcessor"'),
    ("MISSING_FIELD", "/States/S/Choices/0", choice({"Variable": "$.a", "IsNull": True}), '"Next"'),
    ("MISSING_FIELD", "/States/S/Retry/0", retry({"MaxAttempts": 1}), '"ErrorEquals"'),
    (
        "MISSING_FIELD",
        "/States/S/ItemProcessor/ProcessorConfig",
        map_state(ItemProcessor={**INNER, "ProcessorConfig": {"Mode": "DISTRIBUTED"}}),
        "EXPRESS",
    ),
    ("WRONG_TYPE", "/States/S/End", machine({"Type": "Pass", "End": "true"}), "Remove the quotes"),
    ("WRONG_TYPE", "/States/S/TimeoutSeconds", task(TimeoutSeconds="10"), "Remove the quotes"),
    ("WRONG_TYPE", "/States/S/TimeoutSeconds", task(TimeoutSeconds="$.t"), '"TimeoutSecondsPath"'),
    ("WRONG_TYPE", "/States/S/TimeoutSeconds", task(TimeoutSeconds=1.5), "Round"),
    ("WRONG_TYPE", "/States/S/TimeoutSeconds", task(TimeoutSeconds="{% 1 %}"), "QueryLanguage"),
    ("WRONG_TYPE", "/States/S/Comment", pass_state(Comment=5), "double quotes"),
    ("WRONG_TYPE", "/States/S/Retry", task(Retry={"ErrorEquals": ["E"]}), "brackets"),
    ("WRONG_TYPE", "/States/S/Catch/0/ErrorEquals/0", task(Catch=[{"ErrorEquals": [1], "Next": "E"}]), "quotes"),
    ("WRONG_TYPE", "/States/S/Choices/0/NumericEquals", choice({**TEST, "NumericEquals": "1"}), "Remove the quotes"),
    ("WRONG_TYPE", "/States/S/Choices/0/NumericEquals", choice({**TEST, "NumericEquals": "$.b"}), "NumericEqualsPath"),
    ("WRONG_TYPE", "/States/S/Choices/0/StringEquals", choice({**TEST, "StringEquals": 5}), '"NumericEquals"'),
    ("WRONG_TYPE", "/States/S/Choices/0/IsNull", choice({**TEST, "IsNull": "yes"}), ""),
    ("WRONG_TYPE", "/States/S", {"StartAt": "S", "States": {"S": "Pass"}}, '"Type"'),
    ("WRONG_TYPE", "/States/S/Assign", pass_state(Assign=[1]), "variable"),
    ("WRONG_TYPE", "/States/S/Items", machine({**map_state(Items=1)["States"]["S"], "QueryLanguage": "JSONata"}), "%}"),
    ("WRONG_VALUE", "/States/S/Type", machine({"Type": "Tsak"}), '"Task"'),
    ("WRONG_VALUE", "/QueryLanguage", {**pass_state(), "QueryLanguage": "jsonpath"}, '"JSONPath"'),
    (
        "WRONG_VALUE",
        "/States/S/Retry/0/JitterStrategy",
        retry({"ErrorEquals": ["E"], "JitterStrategy": "SOME"}),
        "FULL",
    ),
    ("OUT_OF_RANGE", "/States/S/Retry/0/MaxAttempts", retry({"ErrorEquals": ["E"], "MaxAttempts": -1}), ""),
    ("OUT_OF_RANGE", "/States/S/Retry/0/IntervalSeconds", retry({"ErrorEquals": ["E"], "IntervalSeconds": 0}), ""),
    ("OUT_OF_RANGE", "/States/S/Retry/0/BackoffRate", retry({"ErrorEquals": ["E"], "BackoffRate": 0.5}), ""),
    ("OUT_OF_RANGE", "/States/S/Retry/0/MaxDelaySeconds", retry({"ErrorEquals": ["E"], "MaxDelaySeconds": 0}), ""),
    ("OUT_OF_RANGE", "/States/S/Label", machine(distributed(Label="x" * 41)), "Shorten"),
    ("OUT_OF_RANGE", "/States/S/Seconds", machine({"Type": "Wait", "Seconds": -1, "End": True}), ""),
    ("EMPTY_VALUE", "/States", {"StartAt": "S", "States": {}}, "Add a state"),
    ("EMPTY_VALUE", "/States/S/Choices", choice(), "Choice Rule"),
    ("EMPTY_VALUE", "/States/S/Choices/0/And", choice({"And": [], "Next": "E"}), ""),
    ("EMPTY_VALUE", "/States/S/Retry/0/ErrorEquals", retry({"ErrorEquals": []}), "at least one"),
    ("EMPTY_VALUE", "/States/S/Branches", machine({"Type": "Parallel", "Branches": [], "End": True}), "branch"),
    ("EMPTY_VALUE", "/States/", {"StartAt": "", "States": {"": END}}, "Name it"),
    ("EMPTY_VALUE", "/States/S/Resource", task(Resource=" "), "function"),
    ("EXCLUSIVE_FIELDS", "/States/S/TimeoutSecondsPath", task(TimeoutSeconds=5, TimeoutSecondsPath="$.t"), "Remove"),
    ("EXCLUSIVE_FIELDS", "/States/S/Parameters", map_state(ItemSelector={}, Parameters={}), "Remove"),
    ("EXCLUSIVE_FIELDS", "/States/S/Iterator", map_state(Iterator=INNER), "Remove"),
    (
        "EXCLUSIVE_FIELDS",
        "/States/S/TimestampPath",
        machine({"Type": "Wait", "Seconds": 1, "TimestampPath": "$.t", "End": True}),
        "Keep one",
    ),
    ("STATE_NAME_TOO_LONG", f"/States/{'x' * 81}", {"StartAt": "x" * 81, "States": {"x" * 81: END}}, "Shorten"),
    (
        "DUPLICATE_STATE_NAME",
        "/States/I/Branches/0/States/I",
        {"StartAt": "I", "States": {"I": {"Type": "Parallel", "Branches": [INNER], "End": True}}},
        "unique",
    ),
    ("MISSING_TRANSITION_TARGET", "/StartAt", {"StartAt": "Begn", "States": {"Begin": END}}, '"Begin"'),
    ("MISSING_TRANSITION_TARGET", "/States/S/Next", machine({"Type": "Pass", "Next": "Finish"}), '"S"'),
    ("MISSING_TRANSITION_TARGET", "/States/S/Default", choice(TEST, Default="EE"), '"E"'),
    ("MISSING_TRANSITION_TARGET", "/States/S/Choices/0/Next", choice({**TEST, "Next": "e"}), '"E"'),
    (
        "MISSING_TRANSITION_TARGET",
        "/States/S/Catch/0/Next",
        task(Catch=[{"ErrorEquals": ["E"], "Next": "Ee"}]),
        "",
    ),
    (
        "MISSING_TRANSITION_TARGET",
        "/States/S/Branches/0/States/I/Next",
        machine(
            {
                "Type": "Parallel",
                "Next": "E",
                "Branches": [{"StartAt": "I", "States": {"I": {"Type": "Pass", "Next": "E"}}}],
            }
        ),
        "cannot enter or leave a branch",
    ),
    ("NEXT_OR_END", "/States/S", machine({"Type": "Pass"}), '"End": true'),
    ("NEXT_OR_END", "/States/S", machine({"Type": "Pass", "End": False}), '"End": true'),
    ("NEXT_OR_END", "/States/S/End", machine({"Type": "Pass", "Next": "E", "End": True}), "Remove"),
    ("UNREACHABLE_STATE", "/States/Lost", {"StartAt": "S", "States": {"S": END, "Lost": END}}, "Next"),
    (
        "NO_TERMINAL_STATE",
        "/States",
        {"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "Next": "A"}}},
        '"End": true',
    ),
    (
        "NEXT_IN_NESTED_RULE",
        "/States/S/Choices/0/Not/Next",
        choice({"Not": {"Variable": "$.a", "IsNull": True, "Next": "E"}, "Next": "E"}),
        "outermost",
    ),
    ("INVALID_PATH", "/States/S/InputPath", pass_state(InputPath="order"), '"$.order"'),
    ("INVALID_PATH", "/States/S/OutputPath", pass_state(OutputPath="$.a["), ""),
    ("INVALID_PATH", "/States/S/Choices/0/Variable", choice({**TEST, "Variable": "States.UUID()"}), "state before"),
    ("INVALID_REFERENCE_PATH", "/States/S/ResultPath", pass_state(ResultPath="$.a[*]"), ""),
    ("INVALID_REFERENCE_PATH", "/States/S/ResultPath", pass_state(ResultPath="$$.State"), '"$.result"'),
    ("INVALID_REFERENCE_PATH", "/States/S/ResultPath", pass_state(ResultPath="$name"), '"$.result"'),
    (
        "INVALID_INTRINSIC",
        "/States/S/Parameters/a.$",
        pass_state(Parameters={"a.$": "States.Formt('x')"}),
        "States.Format",
    ),
    ("INVALID_INTRINSIC", "/States/S/Parameters/a.$", pass_state(Parameters={"a.$": "States.UUID(1)"}), ""),
    ("INVALID_INTRINSIC", "/States/S/Parameters/a.$", pass_state(Parameters={"a.$": "States.MathAdd(1, '2')"}), "path"),
    ("INVALID_INTRINSIC", "/States/S/Parameters/0/a.$", pass_state(Parameters=[{"a.$": "States.Format('{}'"}]), ""),
    ("INVALID_TEMPLATE_VALUE", "/States/S/Parameters/a.$", pass_state(Parameters={"a.$": "text"}), '"a"'),
    ("INVALID_TEMPLATE_VALUE", "/States/S/Parameters/x/a.$", pass_state(Parameters={"x": {"a.$": 5}}), '"a"'),
    ("TEMPLATE_KEY_CONFLICT", "/States/S/Parameters/a.$", pass_state(Parameters={"a.$": "$.a", "a": 1}), "Remove"),
    (
        "INVALID_TIMESTAMP",
        "/States/S/Timestamp",
        machine({"Type": "Wait", "Timestamp": "2016-12-05 21:29:29Z", "End": True}),
        "T",
    ),
    (
        "INVALID_TIMESTAMP",
        "/States/S/Choices/0/TimestampEquals",
        choice({"Variable": "$.t", "TimestampEquals": "tomorrow", "Next": "E"}),
        "2026-03-14T01:59:00Z",
    ),
    ("INVALID_RESOURCE", "/States/S/Resource", task(Resource="${work"), "${Name}"),
    ("INVALID_RESOURCE", "/States/S/Resource", task(Resource="lambda:invoke"), "arn:aws:states:::lambda:invoke"),
    ("INVALID_RESOURCE", "/States/S/Resource", task(Resource="validate order"), "function"),
    ("INVALID_RESOURCE", "/States/S/Resource", task(Resource="arn:aws:lambda"), "arn:partition"),
    ("INVALID_RESOURCE", "/States/S/Resource", task(Resource="arn:aws:lambda:x:1:function:f:"), "$LATEST"),
    ("INVALID_RESOURCE", "/States/S/Resource", task(Resource="arn:aws:states:::invoke"), "lambda:invoke"),
    ("UNKNOWN_INTEGRATION", "/States/S/Resource", task(Resource="arn:aws:states:::dynamodb:query"), "aws-sdk:dynamodb"),
    ("INVALID_JSONATA", "/States/S/Output", jsonata(Output="{% 1 + %}"), "$states"),
    ("INVALID_JSONATA", "/States/S/Output", jsonata(Output="{% total > 1 %}"), "$states.input"),
    ("INVALID_JSONATA", "/States/S/Output/a/0", jsonata(Output={"a": ["{% $x"]}), "expression %}"),
    ("INVALID_JSONATA", "/States/S/Output", jsonata(Output="{% %}"), "states.input"),
    (
        "INVALID_JSONATA",
        "/States/S/Choices/0/Condition",
        choice({"Condition": "{% (1 %}", "Next": "E"}, QueryLanguage="JSONata"),
        "",
    ),
    ("QUERY_LANGUAGE_FIELD", "/States/S/Parameters", jsonata(Parameters={}), '"Output"'),
    ("QUERY_LANGUAGE_FIELD", "/States/S/Output", pass_state(Output=1), '"QueryLanguage": "JSONata"'),
    (
        "QUERY_LANGUAGE_FIELD",
        "/States/S/TimeoutSecondsPath",
        {**task(TimeoutSecondsPath="$"), "QueryLanguage": "JSONata"},
        '"TimeoutSeconds"',
    ),
    ("QUERY_LANGUAGE_DOWNGRADE", "/States/S/QueryLanguage", jsonata(QueryLanguage="JSONPath"), "single states"),
    ("CHOICE_OPERATOR", "/States/S/Choices/0", choice({"Variable": "$.a", "Next": "E"}), "StringEquals"),
    ("CHOICE_OPERATOR", "/States/S/Choices/0", choice({**TEST, "NumericEquals": 1}), "And"),
    ("CHOICE_RULE", "/States/S/Choices/0", choice({"Next": "E"}), "Variable"),
    ("CHOICE_RULE", "/States/S/Choices/0", choice({**TEST, "Not": {"Variable": "$.a", "IsNull": True}}), "Or"),
    ("STATES_ALL_ALONE", "/States/S/Retry/0/ErrorEquals", retry({"ErrorEquals": ["States.ALL", "E"]}), "remove"),
    (
        "STATES_ALL_LAST",
        "/States/S/Retry/0/ErrorEquals",
        retry({"ErrorEquals": ["States.ALL"]}, {"ErrorEquals": ["E"]}),
        "end",
    ),
    ("HEARTBEAT_BELOW_TIMEOUT", "/States/S/HeartbeatSeconds", task(TimeoutSeconds=5, HeartbeatSeconds=5), "Shorten"),
    ("CREDENTIALS_ROLE", "/States/S/Credentials", {**task(Credentials={}), "QueryLanguage": "JSONata"}, "role"),
    (
        "MISPLACED_FIELD",
        "/States/TimeoutSeconds",
        {"StartAt": "S", "States": {"TimeoutSeconds": 5, "S": END}},
        "Move it",
    ),
    (
        "UNKNOWN_ERROR_NAME",
        "/States/S/Retry/0/ErrorEquals/0",
        retry({"ErrorEquals": ["States.Timout"]}),
        "States.Timeout",
    ),
    (
        "UNKNOWN_OPTION",
        "/States/S/ItemReader/ReaderConfig/InputTyp",
        machine(
            distributed(ItemReader={"Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": {"InputTyp": "CSV"}})
        ),
        '"InputType"',
    ),
    ("UNAVAILABLE_VALUE", "/States/S/Output/a", jsonata(Output={"a": "{% $states.result %}"}), "Task, Parallel or Map"),
    (
        "UNAVAILABLE_VALUE",
        "/States/S/Assign/a",
        machine({**TASK, "Assign": {"a": "{% $states.errorOutput[0] %}"}}, QueryLanguage="JSONata"),
        "Catcher",
    ),
    ("INVALID_VARIABLE_NAME", "/States/S/Assign/a.b", pass_state(Assign={"a.b": 1}), "whole variable"),
    (
        "VARIABLE_OF_OUTER_SCOPE",
        "/States/S/ItemProcessor/States/I/Assign/n.$",
        map_state(
            ItemProcessor={
                "StartAt": "I",
                "States": {"I": {"Type": "Pass", "Assign": {"n.$": "$"}, "End": True}},
            },
            Assign={"n": 1},
        ),
        "Rename",
    ),
    ("UNKNOWN_VERSION", "/Version", {**pass_state(), "Version": "2.0"}, "1.0"),
    ("UNKNOWN_CONTEXT_FIELD", "/States/S/InputPath", pass_state(InputPath="$$.Execusion.Id"), '"Execution"'),
    ("SCRIPT_EXPRESSION", "/States/S/InputPath", pass_state(InputPath="$.a[(@.length-1)]"), "[-1]"),
    ("NO_DOLLAR", "/States/S/Parameters/a", pass_state(Parameters={"a": "$.b"}), '"a.$"'),
    (
        "NO_DOLLAR",
        "/States/S/Choices/0/StringEquals",
        choice({"Variable": "$.a", "StringEquals": "$.b", "Next": "E"}),
        '"StringEqualsPath"',
    ),
    ("PASS_RESULT_IS_STATIC", "/States/S/Result/a.$", pass_state(Result={"a.$": "$.b"}), "Parameters"),
    ("JSONATA_IN_JSONPATH", "/States/S/Parameters/a", pass_state(Parameters={"a": "{% $x %}"}), "QueryLanguage"),
    ("JSONPATH_IN_JSONATA", "/States/S/Output/a.$", jsonata(Output={"a.$": "$.b"}), '"a"'),
    ("JSONATA_SPACING", "/States/S/Output", jsonata(Output="{%10%}"), "{% expression %}"),
    ("JSONATA_SPACING", "/States/S/Output", jsonata(Output=" {% 10 %} "), "Begin with"),
    ("DISTRIBUTED_ONLY", "/States/S/ToleratedFailureCount", map_state(ToleratedFailureCount=1), "DISTRIBUTED"),
]


@pytest.mark.parametrize(("rule", "pointer", "definition", "hint"), BREACHES)
def test_breach_is_reported_with_place_severity_and_remedy(
    rule: str, pointer: str, definition: Json, hint: str
) -> None:
    found = [problem for problem in check(definition) if (problem.rule, problem.pointer) == (rule, pointer)]
    assert found, [str(problem) for problem in check(definition)]
    assert found[0].line > 0
    assert (found[0].end_line, found[0].end_column) > (found[0].line, found[0].column)
    assert found[0].severity == RULES[rule].severity
    assert hint in found[0].hint


READING_RULES = {
    "JSON_SYNTAX",
    "YAML_SYNTAX",
    "YAML_NOT_JSON",
    "YAML_EXPANSION",
    "DUPLICATE_KEY",
    "NESTING_TOO_DEEP",
    "NUMBER_TOO_LARGE",
    "LONE_SURROGATE",
    "DEFINITION_TOO_LARGE",
}


def test_every_rule_is_tried() -> None:
    tried = {rule for rule, *_ in BREACHES} | READING_RULES | {"NOT_AN_OBJECT", "EXPRESS_INTEGRATION"}
    assert tried == set(RULES)


@pytest.mark.parametrize("text", ["[]", "5", "null", '"x"', "plain words"])
def test_definition_that_is_no_object_is_one_problem(text: str) -> None:
    [problem] = validate(read_document(text))
    assert problem.rule == "NOT_AN_OBJECT"


def test_unreadable_text_is_one_problem() -> None:
    [problem] = validate(read_document('{"StartAt": "A",}'))
    assert problem.rule == "JSON_SYNTAX"


@pytest.mark.parametrize(
    "state",
    [
        {**TASK, "Resource": "arn:aws:states:::states:startExecution.sync"},
        {**TASK, "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken"},
        {**TASK, "Resource": "arn:aws:states:us-east-1:123456789012:activity:review"},
        distributed(),
    ],
)
def test_express_machine_refuses_what_only_a_standard_one_can_do(state: Json) -> None:
    assert [problem.rule for problem in check(machine(state), is_express=True)] == ["EXPRESS_INTEGRATION"]
    assert check(machine(state)) == ()


VALID: dict[str, Json] = {
    "numbers as floats": machine({"Type": "Wait", "Seconds": 10.0, "End": True}),
    "End false beside Next": machine({"Type": "Pass", "Next": "E", "End": False}),
    "null paths": pass_state(InputPath=None, OutputPath=None, ResultPath=None),
    "comments everywhere": task(Retry=[{"ErrorEquals": ["Err"], "Comment": "c"}], Comment="c"),
    "bare function name": task(Resource="validate_order"),
    "substitutions": task(Resource="arn:${AWS::Partition}:states:::lambda:invoke", InputPath="$.${field}"),
    "CloudFormation resource": task(Resource={"Fn::GetAtt": ["Function", "Arn"]}),
    "variables": pass_state(Parameters={"a.$": "$name.b", "c.$": "States.Format('{}', $name)"}, Assign={"name.$": "$"}),
    "error path with an intrinsic": machine({"Type": "Fail", "ErrorPath": "States.Format('{}', $.e)"}),
    "http status error": retry({"ErrorEquals": ["States.Http.StatusCode.429"]}),
    "JSONata state": jsonata(Output={"a": "{% $states.input.x %}", "b": "not {% one %} here"}, Assign={"n": "{% 1 %}"}),
    "JSONata result and error": {
        **machine(
            {
                **TASK,
                "Output": "{% $states.result.a %}",
                "Assign": {"n": "{% $states.result %}"},
                "Catch": [{"ErrorEquals": ["E"], "Next": "E", "Output": "{% $states.errorOutput.Error %}"}],
            }
        ),
        "QueryLanguage": "JSONata",
    },
    "JSONata numbers": {**task(TimeoutSeconds="{% 5 %}", Arguments={}), "QueryLanguage": "JSONata"},
    "JSONata wait": machine({"Type": "Wait", "Timestamp": "{% $now() %}", "End": True, "QueryLanguage": "JSONata"}),
    "JSONata choice": choice({"Condition": True, "Next": "E", "Output": "{% 1 %}"}, QueryLanguage="JSONata"),
    "JSONata map": machine({**map_state(Items="{% [1] %}")["States"]["S"], "QueryLanguage": "JSONata"}),
    "distributed map": machine(
        distributed(
            ItemReader={
                "Resource": "arn:aws:states:::s3:getObject",
                "ReaderConfig": {"InputType": "CSV", "CSVHeaderLocation": "GIVEN", "CSVHeaders": ["a"], "MaxItems": 5},
                "Parameters": {"Bucket": "b", "Key.$": "$.key"},
            },
            ItemBatcher={"MaxItemsPerBatch": 10, "BatchInput": {"a.$": "$.a"}},
            ResultWriter={"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "b"}},
            ToleratedFailurePercentage=5.5,
            ToleratedFailureCountPath="$.n",
            MaxConcurrency=100,
            Label="L",
        )
    ),
    "legacy map": machine({"Type": "Map", "Iterator": INNER, "Parameters": {"x.$": "$$.Map.Item.Value"}, "End": True}),
    "nested rules": choice(
        {
            "And": [
                {"Variable": "$.a", "IsPresent": True},
                {
                    "Or": [
                        {"Variable": "$.a", "NumericGreaterThanPath": "$.b"},
                        {"Variable": "$.s", "StringMatches": "a*"},
                    ]
                },
                {"Not": {"Variable": "$$.Execution.Name", "StringEquals": "x"}},
            ],
            "Next": "E",
        }
    ),
    "times": choice({"Variable": "$.t", "TimestampLessThan": "2026-03-14T01:59:00+02:00", "Next": "E"}),
}


@pytest.mark.parametrize("name", VALID)
def test_valid_definition_has_no_problem(name: str) -> None:
    assert check(VALID[name]) == ()


def test_all_problems_come_at_once_in_the_order_of_the_text() -> None:
    text = """
StartAt: Validate
Comment: 5
States:
  Validate:
    Type: Tsk
  Charge:
    Type: Wait
    Seconds: -1
    Next: Notfy
  Notify:
    Type: Task
    Resource: notify
    Timeout: 3
"""
    problems = validate(read_document(text))
    assert [(problem.rule, problem.line) for problem in problems] == [
        ("WRONG_TYPE", 3),
        ("WRONG_VALUE", 6),
        ("UNREACHABLE_STATE", 7),
        ("OUT_OF_RANGE", 9),
        ("MISSING_TRANSITION_TARGET", 10),
        ("NEXT_OR_END", 11),
        ("UNREACHABLE_STATE", 11),
        ("UNKNOWN_FIELD", 14),
    ]


def test_problems_of_python_definitions_keep_the_order_of_the_members() -> None:
    definition = machine({"Type": "Task", "End": 1, "Resource": 2, "Retry": 3})
    problems = validate(Document.from_value({"Comment": 0, **definition}))
    assert [problem.pointer for problem in problems] == [
        "/Comment",
        "/States/S/End",
        "/States/S/Resource",
        "/States/S/Retry",
    ]
    assert {problem.line for problem in problems} == {0}


def test_one_misspelt_target_does_not_also_make_a_state_unreachable() -> None:
    definition = {"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "Finsh"}, "Finish": END}}
    [problem] = check(definition)
    assert problem.rule == "MISSING_TRANSITION_TARGET"
    assert problem.hint == 'Did you mean "Finish"?'


def test_problem_points_to_the_key_or_to_the_value() -> None:
    text = '{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true, "Foo": 1, "InputPath": "x"}}}'
    unknown, path = validate(read_document(text))
    assert text[unknown.column - 1 : unknown.end_column - 1] == '"Foo"'
    assert text[path.column - 1 : path.end_column - 1] == '"x"'


def test_misplaced_query_language_is_read_and_reported() -> None:
    definition = {"StartAt": "S", "States": {"QueryLanguage": "JSONata", "S": {**END, "Output": "{% 1 %}"}}}
    assert [problem.rule for problem in check(definition)] == ["MISPLACED_FIELD"]


def test_downgrade_within_a_branch_is_advice_only() -> None:
    inner = {"StartAt": "I", "States": {"I": {"Type": "Pass", "QueryLanguage": "JSONPath", "End": True}}}
    definition = machine({"Type": "Parallel", "Branches": [inner], "End": True}, QueryLanguage="JSONata")
    assert [(each.rule, each.severity) for each in check(definition)] == [("QUERY_LANGUAGE_DOWNGRADE", WARNING)]


def test_credentials_without_role_are_an_error_only_where_aws_was_seen_to_refuse_them() -> None:
    definition = task(Credentials={"flag": True})
    assert [each.severity for each in check(definition)] == [WARNING]
    assert [each.severity for each in check({**definition, "QueryLanguage": "JSONata"})] == [ERROR]
