"""Random state machines for the fuzzer: most of them run, some are broken in one place; it runs nothing."""

import json
from typing import Any, Final

import yaml
from hypothesis import strategies as st

from tests.fuzz.fuzz_texts import (
    JSON_TOKENS,
    YAML_TOKENS,
    calls,
    damaged,
    jsonata_expressions,
    keys,
    objects,
    paths,
    soup,
    timestamps,
    values,
)

Json = dict[str, Any]

TASK: Final = "arn:aws:lambda:us-east-1:123456789012:function:work"
ERRORS: Final = ("States.ALL", "States.TaskFailed", "States.Timeout", "States.Runtime", "Busy", "Bad", "")
PATHS: Final = (
    "$",
    "$.a",
    "$.b",
    "$.items",
    "$.items[0]",
    "$.items[*]",
    "$.a.b",
    "$$.Execution.Input",
    "$$.State",
    "$v",
)
PLACES: Final = ("$", "$.a", "$.b.c", "$.items[0]", "$.new", "$.a.b.c.d")

known_paths: Final = st.sampled_from(PATHS)
any_path: Final = st.one_of(known_paths, known_paths, known_paths, paths)
jsonata_strings: Final = jsonata_expressions(2).map(lambda text: f"{{% {text} %}}")


@st.composite
def templates(draw: st.DrawFn, *, is_jsonata: bool) -> Any:
    """A payload template, or a JSONata field."""
    if is_jsonata:
        part = st.one_of(jsonata_strings, jsonata_strings, values)
        return draw(part | st.dictionaries(keys, part, max_size=3) | st.lists(part, max_size=3))
    members = draw(
        st.dictionaries(st.sampled_from(("a", "b", "items", "name")), any_path | calls(1) | values, max_size=3)
    )
    return {f"{key}.$" if isinstance(value, str) else key: value for key, value in members.items()}


numbers: Final = st.sampled_from((0, 1, 2, 5, 60, 99_999_999))


@st.composite
def retriers(draw: st.DrawFn) -> list[Json]:
    """Retriers with small numbers, so that runs stay short."""
    entry = st.fixed_dictionaries(
        {"ErrorEquals": st.lists(st.sampled_from(ERRORS), min_size=1, max_size=1)},
        optional={
            "IntervalSeconds": st.sampled_from((1, 2, 99_999_999)),
            "MaxAttempts": st.integers(min_value=0, max_value=3),
            "BackoffRate": st.sampled_from((1, 1.5, 2, 1e300)),
            "MaxDelaySeconds": st.sampled_from((1, 31_622_400)),
            "JitterStrategy": st.sampled_from(("FULL", "NONE")),
        },
    )
    return draw(st.lists(entry, max_size=2))


@st.composite
def rules(draw: st.DrawFn, names: list[str], *, is_jsonata: bool) -> list[Json]:
    """Choice Rules that lead to states of the branch."""
    made = []
    for _ in range(draw(st.integers(min_value=1, max_value=3))):
        rule = {"Condition": draw(jsonata_strings | st.booleans())} if is_jsonata else draw(choice_tests(2))
        made.append({**rule, "Next": draw(st.sampled_from(names))})
    return made


OPERAND_KINDS: Final[dict[str, st.SearchStrategy[Any]]] = {
    "String": st.text(max_size=4) | st.sampled_from(("", "*", "a*", "\\*", "\ud83d")),
    "Numeric": st.sampled_from((0, -1, 1.5, 10**400, 1e308)),
    "Timestamp": timestamps,
    "Boolean": st.booleans(),
    "Is": st.booleans(),
}


@st.composite
def choice_tests(draw: st.DrawFn, depth: int = 1) -> Json:
    """A test of a Choice Rule."""
    if depth and draw(st.integers(min_value=0, max_value=3)) == 0:
        inner = choice_tests(depth - 1)
        combined = draw(st.sampled_from(("And", "Or", "Not")))
        return {combined: draw(inner) if combined == "Not" else draw(st.lists(inner, min_size=1, max_size=3))}
    kind = draw(st.sampled_from(tuple(OPERAND_KINDS)))
    variable = {"Variable": draw(any_path)}
    if kind == "Is":
        name = draw(st.sampled_from(("IsNull", "IsPresent", "IsNumeric", "IsString", "IsBoolean", "IsTimestamp")))
        return {**variable, name: draw(st.booleans())}
    if kind == "String" and draw(st.booleans()):
        return {**variable, "StringMatches": draw(OPERAND_KINDS[kind])}
    orders = ("Equals",) if kind == "Boolean" else ("Equals", "LessThan", "GreaterThanEquals")
    name = f"{kind}{draw(st.sampled_from(orders))}"
    if draw(st.booleans()):
        return {**variable, f"{name}Path": draw(any_path)}
    return {**variable, name: draw(OPERAND_KINDS[kind])}


KINDS: Final = ("Pass", "Pass", "Task", "Task", "Choice", "Wait", "Succeed", "Fail", "Parallel", "Map")


@st.composite
def branches(draw: st.DrawFn, prefix: str = "S", depth: int = 1) -> Json:
    """A branch of up to four states, which may loop."""
    kinds = draw(st.lists(st.sampled_from(KINDS if depth else KINDS[:-2]), min_size=1, max_size=4))
    names = [f"{prefix}{index}" for index in range(len(kinds))]
    states = {}
    for index, (name, kind) in enumerate(zip(names, kinds, strict=True)):
        state = draw(states_of(kind, name, names, depth))
        if kind not in ("Choice", "Succeed", "Fail"):
            onward = names[index + 1] if index + 1 < len(names) else None
            state |= {"End": True} if onward is None else {"Next": onward}
        states[name] = state
    return {"StartAt": names[0], "States": states}


@st.composite
def states_of(draw: st.DrawFn, kind: str, name: str, names: list[str], depth: int) -> Json:
    """One state of a kind with fields of its query language."""
    is_jsonata = draw(st.booleans())
    state: Json = {"Type": kind, **({"QueryLanguage": "JSONata"} if is_jsonata else {})}
    template = templates(is_jsonata=is_jsonata)

    def maybe(field: str, strategy: st.SearchStrategy[Any]) -> None:
        if draw(st.booleans()):
            state[field] = draw(strategy)

    if is_jsonata and kind != "Fail":
        maybe("Output", template)
    elif kind != "Fail":
        maybe("InputPath", any_path | st.none())
        maybe("OutputPath", any_path | st.none())
    if kind not in ("Succeed", "Fail"):
        maybe("Assign", st.fixed_dictionaries({}, optional={"v": jsonata_strings if is_jsonata else values}))
    if kind in ("Task", "Parallel", "Map"):
        maybe("Retry", retriers())
        catcher = st.fixed_dictionaries({"ErrorEquals": st.just(["States.ALL"]), "Next": st.sampled_from(names)})
        maybe("Catch", st.lists(catcher, max_size=1))
    if kind in ("Task", "Parallel", "Pass", "Map") and not is_jsonata:
        maybe("ResultPath", st.sampled_from(PLACES) | st.none())
        if kind != "Map":
            maybe("Parameters", template)
        if kind != "Pass":
            maybe("ResultSelector", template)
    state |= draw(_own_fields(kind, name, names, depth, is_jsonata=is_jsonata))
    return state


@st.composite
def _own_fields(draw: st.DrawFn, kind: str, name: str, names: list[str], depth: int, *, is_jsonata: bool) -> Json:
    match kind:
        case "Task":
            number = numbers.filter(bool)
            timeout = {"TimeoutSeconds": draw(number | jsonata_strings if is_jsonata else number)}
            return {"Resource": TASK, **(timeout if draw(st.booleans()) else {})}
        case "Choice":
            return {"Choices": draw(rules(names, is_jsonata=is_jsonata)), "Default": draw(st.sampled_from(names))}
        case "Wait" if is_jsonata:
            return {draw(st.sampled_from(("Seconds", "Timestamp"))): draw(jsonata_strings)}
        case "Wait":
            field = draw(st.sampled_from(("Seconds", "SecondsPath", "Timestamp", "TimestampPath")))
            return {field: draw({"Seconds": numbers, "Timestamp": timestamps}.get(field, any_path))}
        case "Fail" if is_jsonata:
            return {"Error": draw(jsonata_strings), "Cause": draw(jsonata_strings | st.text(max_size=3))}
        case "Fail":
            return {"ErrorPath": draw(any_path | calls(1)), "Cause": draw(st.text(max_size=3))}
        case "Parallel":
            count = draw(st.integers(min_value=1, max_value=2))
            return {"Branches": [draw(branches(f"{name}.{index}.", depth - 1)) for index in range(count)]}
        case "Map":
            items = {"Items": draw(jsonata_strings)} if is_jsonata else {"ItemsPath": draw(any_path)}
            selector = {"ItemSelector": draw(templates(is_jsonata=is_jsonata))} if draw(st.booleans()) else {}
            limit = {"MaxConcurrency": draw(st.integers(min_value=0, max_value=2))}
            return {"ItemProcessor": draw(branches(f"{name}.", depth - 1)), **items, **selector, **limit}
        case _:
            return {}


machines: Final = branches()


@st.composite
def broken(draw: st.DrawFn) -> Any:
    """A machine in which up to three parts are replaced, removed or added."""
    document: Any = draw(machines)
    for _ in range(draw(st.integers(min_value=0, max_value=3))):
        part = document
        for _ in range(draw(st.integers(min_value=0, max_value=8))):
            inner = [
                each for each in (part.values() if isinstance(part, dict) else part) if isinstance(each, dict | list)
            ]
            if not inner:
                break
            part = draw(st.sampled_from(inner))
        if isinstance(part, dict):
            written = draw(st.sampled_from((*FIELDS, *part)) | keys)
            part[written] = draw(values)
            if draw(st.booleans()):
                del part[draw(st.sampled_from(sorted(part)))]
        else:
            part.append(draw(values))
    return document


FIELDS: Final = (
    "Type", "Next", "End", "StartAt", "States", "Choices", "Default", "Retry", "Catch", "ErrorEquals", "Branches",
    "Version",
    "ItemProcessor", "Iterator", "ProcessorConfig", "Items", "ItemReader", "ItemBatcher", "ResultWriter", "Label",
    "Resource",
    "QueryLanguage", "Condition", "Variable", "And", "Not", "StringEquals", "TimestampEquals", "Parameters",
    "Arguments",
    "Result", "ResultPath", "Credentials", "TimeoutSeconds", "HeartbeatSeconds", "MaxConcurrency",
    "ToleratedFailureCount",
)  # fmt: skip


def _json_text(document: Any) -> str:
    return json.dumps(document, indent=1, ensure_ascii=False)


def _yaml_text(document: Any) -> str:
    return str(yaml.dump(document, allow_unicode=True, sort_keys=False))


json_texts: Final = damaged(broken().map(_json_text), JSON_TOKENS) | soup(JSON_TOKENS)
yaml_texts: Final = damaged(broken().map(_yaml_text), YAML_TOKENS) | soup(YAML_TOKENS)
runs: Final = st.tuples(machines, objects | values, st.lists(values, min_size=1, max_size=3))
