"""For every rule one definition that breaks it and no other, as data for documentation and tests; it checks nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sfn_notebook._json import JSONObject, JSONValue
from sfn_notebook.asl.json_reader import MAX_DEPTH
from sfn_notebook.asl.source import MAX_TEXT_BYTES, Format


@dataclass(frozen=True, kw_only=True, slots=True)
class RuleExample:
    """A definition that breaks one rule at ``pointer``: on the part's key if ``at_key``, else on its value.

    ``is_express`` tells that the machine is an Express one.
    """

    definition: JSONValue
    pointer: str
    at_key: bool = False
    is_express: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class TextExample:
    """A text that breaks a rule of reading; the brackets « and » stand around the place and are no part of it."""

    marked: str
    format: Format

    @property
    def text(self) -> str:
        """The text without the brackets."""
        return self.marked.replace("«", "").replace("»", "")


_END: Final = {"Type": "Succeed"}
_INNER: Final = {"StartAt": "I", "States": {"I": {"Type": "Pass", "End": True}}}
_DISTRIBUTED: Final = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
_TEST: Final = {"Variable": "$.total", "NumericGreaterThan": 100}


def _machine(state: JSONObject, **fields: Any) -> JSONObject:
    return {**fields, "StartAt": "S", "States": {"S": state}}


def _pass(**fields: Any) -> JSONObject:
    return _machine({"Type": "Pass", **fields, "End": True})


def _jsonata(**fields: Any) -> JSONObject:
    return _machine({"Type": "Pass", "QueryLanguage": "JSONata", **fields, "End": True})


def _task(**fields: Any) -> JSONObject:
    return _machine({"Type": "Task", "Resource": "charge_card", **fields, "End": True})


def _choice(**rule: Any) -> JSONObject:
    choice = {"Type": "Choice", "Choices": [rule], "Default": "Done"}
    return {"StartAt": "S", "States": {"S": choice, "Done": _END}}


def _wait(**fields: Any) -> JSONObject:
    return _machine({"Type": "Wait", **fields, "End": True})


def _map(**fields: Any) -> JSONObject:
    return _machine({"Type": "Map", "ItemProcessor": _INNER, **fields, "End": True})


_STATE: Final = "/States/S"

EXAMPLES: Final[Mapping[str, RuleExample]] = {
    "NOT_AN_OBJECT": RuleExample(definition=["StartAt", "States"], pointer=""),
    "UNKNOWN_FIELD": RuleExample(definition=_pass(InputPth="$.order"), pointer=f"{_STATE}/InputPth", at_key=True),
    "MISSING_FIELD": RuleExample(definition=_machine({"Type": "Task", "End": True}), pointer=_STATE, at_key=True),
    "WRONG_TYPE": RuleExample(definition=_task(TimeoutSeconds="10"), pointer=f"{_STATE}/TimeoutSeconds"),
    "WRONG_VALUE": RuleExample(definition=_machine({"Type": "Tsak"}), pointer=f"{_STATE}/Type"),
    "OUT_OF_RANGE": RuleExample(definition=_task(TimeoutSeconds=0), pointer=f"{_STATE}/TimeoutSeconds"),
    "EMPTY_VALUE": RuleExample(definition=_task(Retry=[{"ErrorEquals": []}]), pointer=f"{_STATE}/Retry/0/ErrorEquals"),
    "EXCLUSIVE_FIELDS": RuleExample(
        definition=_wait(Seconds=10, Timestamp="2026-03-14T01:59:00Z"), pointer=f"{_STATE}/Timestamp", at_key=True
    ),
    "STATE_NAME_TOO_LONG": RuleExample(
        definition={"StartAt": "x" * 81, "States": {"x" * 81: _END}}, pointer=f"/States/{'x' * 81}", at_key=True
    ),
    "DUPLICATE_STATE_NAME": RuleExample(
        definition={
            "StartAt": "S",
            "States": {
                "S": {
                    "Type": "Parallel",
                    "Branches": [{"StartAt": "S", "States": {"S": _END}}],
                    "End": True,
                }
            },
        },
        pointer=f"{_STATE}/Branches/0/States/S",
        at_key=True,
    ),
    "MISSING_TRANSITION_TARGET": RuleExample(
        definition={"StartAt": "Chek", "States": {"Check": _END}}, pointer="/StartAt"
    ),
    "NEXT_OR_END": RuleExample(definition=_machine({"Type": "Pass"}), pointer=_STATE, at_key=True),
    "UNREACHABLE_STATE": RuleExample(
        definition={"StartAt": "S", "States": {"S": _END, "Lost": _END}}, pointer="/States/Lost", at_key=True
    ),
    "NO_TERMINAL_STATE": RuleExample(
        definition=_machine({"Type": "Pass", "Next": "S"}), pointer="/States", at_key=True
    ),
    "NEXT_IN_NESTED_RULE": RuleExample(
        definition=_choice(Not={**_TEST, "Next": "Done"}, Next="Done"),
        pointer=f"{_STATE}/Choices/0/Not/Next",
        at_key=True,
    ),
    "INVALID_PATH": RuleExample(definition=_pass(InputPath="order"), pointer=f"{_STATE}/InputPath"),
    "INVALID_REFERENCE_PATH": RuleExample(definition=_task(ResultPath="$.a[*]"), pointer=f"{_STATE}/ResultPath"),
    "INVALID_INTRINSIC": RuleExample(
        definition=_pass(Parameters={"id.$": "States.Uuid()"}), pointer=f"{_STATE}/Parameters/id.$"
    ),
    "INVALID_TEMPLATE_VALUE": RuleExample(
        definition=_pass(Parameters={"name.$": "Ada"}), pointer=f"{_STATE}/Parameters/name.$"
    ),
    "TEMPLATE_KEY_CONFLICT": RuleExample(
        definition=_pass(Parameters={"id": 1, "id.$": "$.id"}), pointer=f"{_STATE}/Parameters/id.$", at_key=True
    ),
    "INVALID_TIMESTAMP": RuleExample(definition=_wait(Timestamp="2026-03-14 01:59"), pointer=f"{_STATE}/Timestamp"),
    "INVALID_RESOURCE": RuleExample(
        definition=_machine({"Type": "Task", "Resource": "lambda:invoke", "End": True}), pointer=f"{_STATE}/Resource"
    ),
    "UNKNOWN_INTEGRATION": RuleExample(
        definition=_machine({"Type": "Task", "Resource": "arn:aws:states:::dynamodb:query", "End": True}),
        pointer=f"{_STATE}/Resource",
    ),
    "INVALID_JSONATA": RuleExample(
        definition=_jsonata(Output="{% $sum($states.input.prices %}"), pointer=f"{_STATE}/Output"
    ),
    "UNAVAILABLE_VALUE": RuleExample(
        definition=_task(QueryLanguage="JSONata", Arguments="{% $states.result.id %}"), pointer=f"{_STATE}/Arguments"
    ),
    "QUERY_LANGUAGE_FIELD": RuleExample(
        definition=_pass(Output="{% $states.input %}"), pointer=f"{_STATE}/Output", at_key=True
    ),
    "QUERY_LANGUAGE_DOWNGRADE": RuleExample(
        definition=_machine({"Type": "Succeed", "QueryLanguage": "JSONPath"}, QueryLanguage="JSONata"),
        pointer=f"{_STATE}/QueryLanguage",
    ),
    "INVALID_VARIABLE_NAME": RuleExample(
        definition=_pass(Assign={"order.id": 7}), pointer=f"{_STATE}/Assign/order.id", at_key=True
    ),
    "VARIABLE_OF_OUTER_SCOPE": RuleExample(
        definition=_machine(
            {
                "Type": "Parallel",
                "Branches": [
                    {"StartAt": "I", "States": {"I": {"Type": "Pass", "Assign": {"total": 0}, "End": True}}},
                ],
                "Assign": {"total": 1},
                "End": True,
            }
        ),
        pointer=f"{_STATE}/Branches/0/States/I/Assign/total",
        at_key=True,
    ),
    "CHOICE_OPERATOR": RuleExample(definition=_choice(Variable="$.total", Next="Done"), pointer=f"{_STATE}/Choices/0"),
    "CHOICE_RULE": RuleExample(definition=_choice(Next="Done"), pointer=f"{_STATE}/Choices/0"),
    "STATES_ALL_ALONE": RuleExample(
        definition=_task(Retry=[{"ErrorEquals": ["States.ALL", "CardDeclined"]}]),
        pointer=f"{_STATE}/Retry/0/ErrorEquals",
    ),
    "STATES_ALL_LAST": RuleExample(
        definition=_task(Retry=[{"ErrorEquals": ["States.ALL"]}, {"ErrorEquals": ["CardDeclined"]}]),
        pointer=f"{_STATE}/Retry/0/ErrorEquals",
    ),
    "HEARTBEAT_BELOW_TIMEOUT": RuleExample(
        definition=_task(TimeoutSeconds=60, HeartbeatSeconds=60), pointer=f"{_STATE}/HeartbeatSeconds"
    ),
    "CREDENTIALS_ROLE": RuleExample(
        definition=_task(QueryLanguage="JSONata", Credentials={}), pointer=f"{_STATE}/Credentials"
    ),
    "EXPRESS_INTEGRATION": RuleExample(
        definition=_machine(
            {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "End": True}
        ),
        pointer=f"{_STATE}/Resource",
        is_express=True,
    ),
    "MISPLACED_FIELD": RuleExample(
        definition={"StartAt": "S", "States": {"TimeoutSeconds": 60, "S": _END}},
        pointer="/States/TimeoutSeconds",
        at_key=True,
    ),
    "UNKNOWN_ERROR_NAME": RuleExample(
        definition=_task(Retry=[{"ErrorEquals": ["States.Timout"]}]), pointer=f"{_STATE}/Retry/0/ErrorEquals/0"
    ),
    "UNKNOWN_OPTION": RuleExample(
        definition=_map(ItemProcessor={**_INNER, "ProcessorConfig": {**_DISTRIBUTED, "Mod": 1}}),
        pointer=f"{_STATE}/ItemProcessor/ProcessorConfig/Mod",
        at_key=True,
    ),
    "UNKNOWN_VERSION": RuleExample(definition=_machine(_END, Version="2.0"), pointer="/Version"),
    "UNKNOWN_CONTEXT_FIELD": RuleExample(
        definition=_pass(InputPath="$$.Execusion.Input"), pointer=f"{_STATE}/InputPath"
    ),
    "SCRIPT_EXPRESSION": RuleExample(
        definition=_pass(InputPath="$.items[(@.length-1)]"), pointer=f"{_STATE}/InputPath"
    ),
    "NO_DOLLAR": RuleExample(definition=_pass(Parameters={"id": "$.id"}), pointer=f"{_STATE}/Parameters/id"),
    "PASS_RESULT_IS_STATIC": RuleExample(definition=_pass(Result={"id.$": "$.id"}), pointer=f"{_STATE}/Result/id.$"),
    "JSONATA_IN_JSONPATH": RuleExample(
        definition=_pass(Parameters={"id": "{% $states.input.id %}"}), pointer=f"{_STATE}/Parameters/id"
    ),
    "JSONPATH_IN_JSONATA": RuleExample(definition=_jsonata(Output={"id.$": "$.id"}), pointer=f"{_STATE}/Output/id.$"),
    "JSONATA_SPACING": RuleExample(definition=_jsonata(Output="{%$states.input%}"), pointer=f"{_STATE}/Output"),
    "DISTRIBUTED_ONLY": RuleExample(
        definition=_map(ToleratedFailureCount=5), pointer=f"{_STATE}/ToleratedFailureCount"
    ),
}
"""Rule -> an example, for every rule that a value can break."""

_JSON_START: Final = '{\n  "StartAt": "S",\n  "States": {"S": {"Type": "Pass", "End": true, "Result": '
_JSON_END: Final = "}}\n}\n"
_YAML: Final = "StartAt: S\nStates:\n  S:\n    Type: Pass\n    End: true\n    Result: "


def _json(marked: str) -> TextExample:
    return TextExample(marked=f"{_JSON_START}{marked}{_JSON_END}", format="json")


def _yaml(marked: str) -> TextExample:
    return TextExample(marked=f"{_YAML}{marked}\n", format="yaml")


_NESTED: Final = "[" * (MAX_DEPTH - 3)
_LONG: Final = f'"{"x" * MAX_TEXT_BYTES}"'
_BOMB: Final = """
      - &a [x, x, x, x, x, x, x, x, x, x]
      - &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]
      - &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]
      - &d [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c]
      - &e [*d, *d, *d, *d, *d, *d, *d, *d, *d, *d, *d]
      - [«*e», *e, *e, *e]"""

TEXT_EXAMPLES: Final[Mapping[str, tuple[TextExample, ...]]] = {
    "JSON_SYNTAX": (_json('"done"«,»'),),
    "YAML_SYNTAX": (_yaml("note«:» it ends here"),),
    "YAML_NOT_JSON": (_yaml("«.nan»"),),
    "YAML_EXPANSION": (_yaml(_BOMB),),
    "DUPLICATE_KEY": (_json('{"id": 1, «"id"»: 2}'), _yaml("\n      id: 1\n      «id»: 2")),
    "NESTING_TOO_DEEP": tuple(write(f"{_NESTED}«[»{']' * len(_NESTED)}]") for write in (_json, _yaml)),
    "NUMBER_TOO_LARGE": (_json("«1e999»"), _yaml("«1e999»")),
    "LONE_SURROGATE": (_json('«"\\ud83d"»'), _yaml("'«\ud83d»'")),
    "DEFINITION_TOO_LARGE": (
        TextExample(marked=f"«»{_JSON_START}{_LONG}{_JSON_END}", format="json"),
        TextExample(marked=f"«»{_YAML}{_LONG}\n", format="yaml"),
    ),
}
"""Rule -> examples in JSON and in YAML, for every rule of reading; some can be broken in one of the two only."""
