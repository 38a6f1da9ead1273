"""The ``inspectionData`` of TestState: which stages of a tested state AWS shows, read off its visit; it runs nothing.

Source: recorded answers; Step Functions API reference, "InspectionData".
"""

from collections.abc import Iterator, Mapping

from sfn_notebook import _json
from sfn_notebook._json import ABSENT, JSONObject, JSONValue
from sfn_notebook.asl.compile import CompiledState
from sfn_notebook.asl.model import QueryLanguage, State
from sfn_notebook.asl.retry import find_catcher, find_retrier
from sfn_notebook.engine.visits import Visit, VisitStatus
from sfn_notebook.workspace.tested_branches import MapStages


def inspection_of(
    model: State,
    compiled: CompiledState,
    visit: Visit,
    stages: MapStages,
    *,
    variables: Mapping[str, JSONValue],
) -> JSONObject:
    """Everything that DEBUG and TRACE show, payloads as JSON text.

    Args:
        model: The state as written.
        compiled: What ran.
        visit: Its visit, finished or waiting for a retry.
        stages: A Map's own stages.
        variables: Those that were given.
    """
    is_jsonata = model.query_language is QueryLanguage.JSONATA
    found = dict(_jsonata_stages(model, visit) if is_jsonata else _jsonpath_stages(model, compiled, visit))
    if model.type_name == "Map":
        found |= dict(_map_stages(stages, is_jsonata=is_jsonata))
    shown: JSONObject = {"input": _json.dump(visit.input)}
    shown |= {name: _json.dump(value) for name, value in found.items() if value is not ABSENT}
    shown |= _map_numbers(stages)
    after = {**variables, **(visit.assigned or {})}
    if after:
        shown["variables"] = _json.dump(after)
    details = _error_details(compiled, visit)
    return {**shown, "errorDetails": details} if details else shown


def _jsonata_stages(model: State, visit: Visit) -> Iterator[tuple[str, JSONValue]]:
    attempt = visit.attempts[-1] if visit.attempts else None
    if attempt is not None and model.type_name == "Task":
        yield "afterArguments", attempt.parameters
        yield "result", attempt.result


def _jsonpath_stages(model: State, compiled: CompiledState, visit: Visit) -> Iterator[tuple[str, JSONValue]]:
    """Recorded: a stage that changes nothing is shown too, and a Parallel shows none before its result."""
    kind = model.type_name
    if kind == "Fail":
        return
    effective = visit.input if compiled.filter_input is None else visit.after_input_path
    attempt = visit.attempts[-1] if visit.attempts else None
    # A Pass with a Result uses neither; recorded.
    is_literal = kind == "Pass" and getattr(model, "result", ABSENT) is not ABSENT
    if kind != "Parallel" and not is_literal:
        yield "afterInputPath", effective
    result: JSONValue = ABSENT
    if kind == "Pass":
        parameters = effective if visit.after_parameters is ABSENT else visit.after_parameters
        result = getattr(model, "result", ABSENT) if is_literal else parameters
        if not is_literal:
            yield "afterParameters", parameters
    elif attempt is not None:
        result = attempt.result
        if kind == "Task":
            yield "afterParameters", attempt.parameters
            yield "result", result
    if result is not ABSENT and kind in ("Pass", "Task", "Parallel", "Map"):
        has_selector = getattr(compiled, "select_result", None) is not None
        yield "afterResultSelector", visit.after_result_selector if has_selector else result
        if visit.status is VisitStatus.SUCCEEDED or visit.after_result_path is not ABSENT:
            yield "afterResultPath", visit.output if visit.after_result_path is ABSENT else visit.after_result_path


def _map_stages(stages: MapStages, *, is_jsonata: bool) -> Iterator[tuple[str, JSONValue]]:
    if not is_jsonata:
        yield "afterItemsPath", stages.items if stages.read_items is ABSENT else ABSENT
    yield "afterItemsPointer", stages.read_items
    yield "afterItemSelector", stages.selected_items
    yield "afterItemBatcher", stages.batches


def _map_numbers(stages: MapStages) -> JSONObject:
    numbers = {
        "maxConcurrency": stages.max_concurrency,
        "toleratedFailureCount": stages.tolerated_failure_count,
        "toleratedFailurePercentage": stages.tolerated_failure_percentage,
    }
    return {name: value for name, value in numbers.items() if value is not ABSENT}


def _error_details(compiled: CompiledState, visit: Visit) -> JSONObject:
    """Which Retrier and which Catcher took the error; recorded: a Retrier that is used up has no interval."""
    attempt = visit.attempts[-1] if visit.attempts else None
    if attempt is None or attempt.error is None:
        return {}
    details: JSONObject = {}
    retrier = find_retrier(getattr(compiled, "retry", ()), attempt.error)
    if retrier is not None:
        details["retryIndex"] = retrier
        if visit.status is VisitStatus.RETRYING:
            seconds = attempt.retry_delay_seconds or 0.0
            details["retryBackoffIntervalSeconds"] = int(seconds)
    if visit.status is VisitStatus.CAUGHT:
        details["catchIndex"] = find_catcher(getattr(compiled, "catch", ()), attempt.error)
    return details
