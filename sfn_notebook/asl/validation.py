"""Checks a whole definition and reports every problem at once; it neither changes nor runs anything."""

from dataclasses import replace
from typing import Final

from sfn_notebook._json import JSONObject, JSONValue
from sfn_notebook.asl.branches import (
    BranchSite,
    collect_branches,
    is_distributed,
    machine_query_language,
    misplaced_fields,
    state_query_language,
)
from sfn_notebook.asl.failure_rules import check_heartbeat
from sfn_notebook.asl.field_rules import check_object
from sfn_notebook.asl.fields import STATES
from sfn_notebook.asl.findings import Findings, Scope, described, json_type, shortened
from sfn_notebook.asl.model import QueryLanguage
from sfn_notebook.asl.rules import ERROR, WARNING
from sfn_notebook.asl.source import Document
from sfn_notebook.asl.spans import child_pointer
from sfn_notebook.asl.transition_rules import check_transitions
from sfn_notebook.asl.variable_rules import check_scopes
from sfn_notebook.errors import Problem

MAX_STATE_NAME: Final = 80

_WAIT_FIELDS: Final = ("Seconds", "SecondsPath", "Timestamp", "TimestampPath")
_PROCESSORS: Final = ("ItemProcessor", "Iterator")


def validate(document: Document, *, is_express: bool = False) -> tuple[Problem, ...]:
    """Every problem of ``document``, those found while reading it included, in the order of the text.

    A problem of severity ERROR means that AWS refuses the definition or that it could not run; a WARNING is advice.
    JSONata states and Distributed Maps are part of the language and are checked like the rest.

    Args:
        document: What ``read_document`` or ``Document.from_value`` gave.
        is_express: Whether the machine is to be an Express one, which excludes some integrations.

    Source: Amazon States Language specification; recorded answers of CreateStateMachine.
    """
    findings = Findings(document)
    findings.problems.extend(document.problems)
    value = document.value
    if isinstance(value, dict):
        _check_definition(findings, value, Scope(language=machine_query_language(value), is_express=is_express))
    elif value is not None or not document.problems:
        hint = 'Write {"StartAt": ..., "States": {...}}.'
        findings.add("NOT_AN_OBJECT", "", f"A definition is an object, but this is {json_type(value)}.", hint)
    return _in_order(document, findings.problems)


def _in_order(document: Document, problems: list[Problem]) -> tuple[Problem, ...]:
    """Sort by place in the text; without a text, by the order of the members."""
    if document.text:
        return tuple(sorted(problems, key=lambda each: (each.line, each.column, each.pointer)))
    ranks = _ranks(document.value) if problems else {}
    return tuple(sorted(problems, key=lambda each: ranks.get(each.pointer, 0)))


def _ranks(value: JSONValue) -> dict[str, int]:
    """Each pointer's place in the order of the members."""
    ranks: dict[str, int] = {}
    waiting: list[tuple[str, JSONValue]] = [("", value)]
    while waiting:
        pointer, part = waiting.pop()
        ranks[pointer] = len(ranks)
        members = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
        waiting.extend(reversed([(child_pointer(pointer, key), each) for key, each in members]))
    return ranks


def _check_definition(findings: Findings, definition: JSONObject, scope: Scope) -> None:
    sites = collect_branches(definition)
    places: dict[str, list[str]] = {}
    for site in sites:
        for name in site.states:
            places.setdefault(name, []).append(site.state_pointer(name))
    _check_misplaced(findings, definition)
    _check_version(findings, definition)
    for site in sites:
        owner = site.noun[0].lower() + site.noun[1:]
        check_object(findings, replace(scope, owner=owner), site.value, site.pointer, site.table)
        for name, state in site.states.items():
            _check_state_name(findings, name, site.state_pointer(name), places)
            _check_state(findings, scope, site, name, state)
        _check_state_shapes(findings, site, is_root=site.pointer == "")
        check_transitions(findings, site, places)
    check_scopes(findings, sites)


def _check_misplaced(findings: Findings, definition: JSONObject) -> None:
    for name in misplaced_fields(definition):
        message = f'"{name}" stands within "States"; it is read as a field of the machine, but AWS refuses it there.'
        hint = 'Move it out of "States", beside it.'
        findings.add("MISPLACED_FIELD", child_pointer("/States", name), message, hint, at_key=True)


def _check_version(findings: Findings, definition: JSONObject) -> None:
    version = definition.get("Version")
    if isinstance(version, str) and version != "1.0":
        findings.add("UNKNOWN_VERSION", "/Version", f'The version "{shortened(version)}" is unknown.', 'Write "1.0".')


def _check_state_shapes(findings: Findings, site: BranchSite, *, is_root: bool) -> None:
    """Whatever stands in ``States`` is an object."""
    states = site.value.get("States")
    if not isinstance(states, dict):
        return
    tolerated = misplaced_fields(site.value) if is_root else {}
    for name, state in states.items():
        if not isinstance(state, dict) and name not in tolerated:
            message = f'The state "{shortened(name)}" must be an object, but is {described(state)}.'
            findings.add("WRONG_TYPE", site.state_pointer(name), message, 'Write {"Type": ...}.')


def _check_state_name(findings: Findings, name: str, pointer: str, places: dict[str, list[str]]) -> None:
    if not name:
        findings.add("EMPTY_VALUE", pointer, "A state needs a name.", "Name it.", at_key=True)
    if len(name) > MAX_STATE_NAME:
        message = f"The name of this state has {len(name)} characters; the limit is {MAX_STATE_NAME}."
        findings.add("STATE_NAME_TOO_LONG", pointer, message, "Shorten it.", at_key=True)
    if places[name][0] != pointer:
        message = f'The state name "{shortened(name)}" is already used at {places[name][0]}.'
        hint = "Rename one: names are unique in the whole state machine, branches included."
        findings.add("DUPLICATE_STATE_NAME", pointer, message, hint, at_key=True)


def _check_state(findings: Findings, scope: Scope, site: BranchSite, name: str, state: JSONObject) -> None:
    pointer = site.state_pointer(name)
    kind = state.get("Type")
    table = STATES.get(kind) if isinstance(kind, str) else None
    if table is None or not isinstance(kind, str):
        _report_type(findings, state, pointer)
        return
    language = state_query_language(state, scope.language)
    inner = replace(
        scope,
        language=language,
        owner=f"a {kind} state",
        state_type=kind,
        is_distributed=kind == "Map" and is_distributed(state),
    )
    _check_downgrade(findings, scope, state, pointer, is_nested=site.pointer != "")
    check_object(findings, inner, state, pointer, table)
    if "Next" in table:
        _check_next_or_end(findings, state, pointer)
    if kind == "Wait":
        _check_wait(findings, inner, state, pointer)
    elif kind == "Map":
        _check_map(findings, inner, state, pointer)
    elif kind == "Task":
        check_heartbeat(findings, state, pointer)


def _report_type(findings: Findings, state: JSONObject, pointer: str) -> None:
    if "Type" not in state:
        hint = f'Add "Type": {", ".join(STATES)}.'
        findings.add("MISSING_FIELD", pointer, 'A state needs "Type".', hint, at_key=True, subject="Type")
        return
    kind = state["Type"]
    hint = findings.suggestion(kind, STATES) if isinstance(kind, str) else ""
    hint = hint or f"It is one of {', '.join(STATES)}."
    findings.add("WRONG_VALUE", child_pointer(pointer, "Type"), f'"Type" cannot be {described(kind)}.', hint)


def _check_downgrade(findings: Findings, scope: Scope, state: JSONObject, pointer: str, *, is_nested: bool) -> None:
    if scope.language is QueryLanguage.JSONATA and state.get("QueryLanguage") == QueryLanguage.JSONPATH:
        message = '"QueryLanguage" cannot be "JSONPath" in a state machine that is "JSONata" as a whole.'
        hint = 'Set "QueryLanguage": "JSONata" on single states instead of on the machine.'
        # AWS was recorded to refuse a state of the outermost level; within branches nothing was recorded.
        severity = WARNING if is_nested else ERROR
        findings.add(
            "QUERY_LANGUAGE_DOWNGRADE", child_pointer(pointer, "QueryLanguage"), message, hint, severity=severity
        )


def _check_next_or_end(findings: Findings, state: JSONObject, pointer: str) -> None:
    ends = state.get("End") is True
    if "Next" in state and ends:
        place = child_pointer(pointer, "End")
        findings.add("NEXT_OR_END", place, 'A state has either "Next" or "End".', "Remove one of the two.", at_key=True)
    elif "Next" not in state and not ends and isinstance(state.get("End", False), bool):
        hint = 'Add "Next": "<state>" or "End": true.'
        findings.add("NEXT_OR_END", pointer, f'A {state["Type"]} state needs "Next" or "End".', hint, at_key=True)


def _check_wait(findings: Findings, scope: Scope, state: JSONObject, pointer: str) -> None:
    written = [name for name in _WAIT_FIELDS if name in state]
    if not written:
        usable = _WAIT_FIELDS[::2] if scope.is_jsonata else _WAIT_FIELDS
        hint = f"Add one of {', '.join(usable)}."
        message = "A Wait state does not say how long to wait."
        findings.add("MISSING_FIELD", pointer, message, hint, at_key=True, subject=", ".join(usable))
    kinds = {name.removesuffix("Path") for name in written}
    if len(kinds) > 1:
        names = " and ".join(f'"{name}"' for name in written)
        place = child_pointer(pointer, written[-1])
        findings.add("EXCLUSIVE_FIELDS", place, f"{names} exclude each other.", "Keep one of them.", at_key=True)


def _check_map(findings: Findings, scope: Scope, state: JSONObject, pointer: str) -> None:
    if not any(name in state for name in _PROCESSORS):
        hint = 'Add "ItemProcessor": {"StartAt": ..., "States": {...}}.'
        message = 'A Map state needs "ItemProcessor".'
        findings.add("MISSING_FIELD", pointer, message, hint, at_key=True, subject="ItemProcessor")
    if not scope.is_distributed:
        return
    if scope.is_express:
        findings.add(
            "EXPRESS_INTEGRATION",
            pointer,
            "An Express machine cannot run a Distributed Map.",
            "Use a STANDARD machine.",
            at_key=True,
        )
    for name in _PROCESSORS:
        processor = state.get(name)
        config = processor.get("ProcessorConfig") if isinstance(processor, dict) else None
        if isinstance(config, dict) and config.get("Mode") == "DISTRIBUTED" and "ExecutionType" not in config:
            place = child_pointer(child_pointer(pointer, name), "ProcessorConfig")
            hint = 'Add "ExecutionType": "STANDARD" or "EXPRESS".'
            message = 'A Distributed Map needs "ExecutionType".'
            findings.add("MISSING_FIELD", place, message, hint, at_key=True, subject="ExecutionType")
