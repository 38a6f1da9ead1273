"""Checks one object against its table of fields: names, types, ranges, exclusions; it follows no transition."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from sfn_notebook._json import JSONObject, JSONValue, is_number
from sfn_notebook.asl.choice_rules import check_condition, check_operand, check_rule_shape
from sfn_notebook.asl.expression_rules import (
    check_assignments,
    check_jsonata_text,
    check_path,
    check_path_or_intrinsic,
    check_reference_path,
    check_template,
    check_timestamp,
    is_jsonata_string,
)
from sfn_notebook.asl.failure_rules import check_all_is_last, check_credentials, check_error_names
from sfn_notebook.asl.fields import CATCHER, CHOICE_RULE, NESTED_RULE, RETRIER, STATES, Field, Role, Table, replacement
from sfn_notebook.asl.findings import Findings, Scope, Site, described, shortened
from sfn_notebook.asl.resource_rules import check_resource
from sfn_notebook.asl.spans import child_pointer

_SPECIAL_HINTS: Final = {
    ("a Choice Rule", "End"): 'A Choice cannot end its branch: lead to another state with "Next".',
    ("a nested Choice Rule", "End"): "Only the outermost rule leads on.",
}
_QUOTED_NUMBER: Final = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")


def check_object(
    findings: Findings, scope: Scope, value: JSONObject, pointer: str, table: Table, *, is_open: bool = False
) -> None:
    """Check every field of ``value`` against ``table``, and that none is missing.

    Args:
        findings: Where problems go.
        scope: What holds around the object; ``scope.owner`` names it in messages.
        value: The object.
        pointer: Its JSON pointer.
        table: Its fields.
        is_open: Whether fields that the table does not know are worth a warning only.
    """
    for name, each in value.items():
        field = table.get(name)
        place = child_pointer(pointer, name)
        if field is None:
            _report_unknown(findings, scope, name, place, table, is_open=is_open)
        elif field.language is not None and field.language is not scope.language:
            _report_language(findings, scope, name, place, field)
        else:
            _check_exclusion(findings, value, name, place, field)
            _check_field(Site(findings=findings, scope=scope, name=name, value=each, field=field, pointer=place))
    for name, field in table.items():
        if field.required and name not in value and field.language in (None, scope.language):
            _report_missing(findings, scope, name, pointer)


def _report_unknown(findings: Findings, scope: Scope, name: str, pointer: str, table: Table, *, is_open: bool) -> None:
    usable = [each for each, field in table.items() if field.language in (None, scope.language)]
    hint = _SPECIAL_HINTS.get((scope.owner, name), "")
    hint = (
        hint
        or findings.suggestion(name, usable)
        or _where_it_belongs(scope, name)
        or f"It has {', '.join(usable[:12])}."
    )
    message = f'"{shortened(name)}" is not a field of {scope.owner}.'
    findings.add("UNKNOWN_OPTION" if is_open else "UNKNOWN_FIELD", pointer, message, hint, at_key=True)


def _where_it_belongs(scope: Scope, name: str) -> str:
    if not scope.state_type:
        return ""
    if name in ("Next", "End"):
        if scope.state_type == "Choice":
            return 'A Choice goes on through its rules and "Default".'
        return "This state ends its branch by itself."
    types = [each for each, table in STATES.items() if name in table]
    return f"It belongs to {', '.join(types)}." if types else ""


def _report_language(findings: Findings, scope: Scope, name: str, pointer: str, field: Field) -> None:
    message = f'"{name}" belongs to {field.language}, but {scope.owner} here is {scope.language}.'
    or_else = "" if scope.is_jsonata else ' Or add "QueryLanguage": "JSONata".'
    hint = f"{replacement(name)}{or_else}".strip()
    findings.add("QUERY_LANGUAGE_FIELD", pointer, message, hint, at_key=True)


def _report_missing(findings: Findings, scope: Scope, name: str, pointer: str) -> None:
    owner = scope.owner[0].upper() + scope.owner[1:]
    findings.add("MISSING_FIELD", pointer, f'{owner} needs "{name}".', f'Add "{name}".', at_key=True, subject=name)


def _check_exclusion(findings: Findings, value: JSONObject, name: str, pointer: str, field: Field) -> None:
    """Report a pair once, on the one that comes second."""
    twin = field.twin
    if twin is None or twin not in value:
        return
    names = list(value)
    if names.index(twin) < names.index(name):
        message = f'"{name}" and "{twin}" exclude each other.'
        findings.add("EXCLUSIVE_FIELDS", pointer, message, "Remove one of the two.", at_key=True)


def _check_field(site: Site) -> None:
    if site.field.distributed_only and site.scope.state_type == "Map" and not site.scope.is_distributed:
        message = f'"{site.name}" has an effect in a Distributed Map only.'
        site.report("DISTRIBUTED_ONLY", message, 'Set "Mode": "DISTRIBUTED" in its "ProcessorConfig".')
    _CHECKS[site.field.role](site)


def _check_text(site: Site) -> None:
    if not isinstance(site.value, str):
        site.wrong_type("a string", "Put it in double quotes." if is_number(site.value) else "")
        return
    values, longest = site.field.values, site.field.max_length
    if values and site.value not in values:
        hint = site.findings.suggestion(site.value, values) or f"It is one of {', '.join(values)}."
        site.report("WRONG_VALUE", f'"{site.name}" cannot be {described(site.value)}.', hint)
    if longest is not None and len(site.value) > longest:
        message = f'"{site.name}" has {len(site.value)} characters; the limit is {longest}.'
        site.report("OUT_OF_RANGE", message, "Shorten it.")


def _check_text_or_expression(site: Site) -> None:
    _check_text(site)
    if site.scope.is_jsonata and isinstance(site.value, str):
        check_jsonata_text(site)


def _check_names(site: Site) -> None:
    """A list of strings; ``CSVHeaders`` may be an expression."""
    if not isinstance(site.value, list):
        if not (site.name == "CSVHeaders" and isinstance(site.value, str)):
            site.wrong_type("an array of strings", 'Write ["States.ALL"].' if site.name == "ErrorEquals" else "")
        return
    if not site.value:
        site.report("EMPTY_VALUE", f'"{site.name}" must not be empty.', "Name at least one.")
    for index, each in enumerate(site.value):
        if not isinstance(each, str):
            site.element(index, each, name=f"{site.name}[{index}]").wrong_type("a string", "Put it in double quotes.")
    if site.name == "ErrorEquals":
        check_error_names(site)


def _check_state_name(site: Site) -> None:
    """Its type only: whether the state exists is for the whole branch to say."""
    if not isinstance(site.value, str):
        site.wrong_type("the name of a state")


def _check_flag(site: Site) -> None:
    if not isinstance(site.value, bool):
        site.wrong_type("true or false", "Remove the quotes." if site.value in ("true", "false") else "")


def _check_number(site: Site) -> None:
    value, is_integer = site.value, site.field.role is Role.INTEGER
    if isinstance(value, str) and site.field.takes_jsonata and site.scope.is_jsonata and is_jsonata_string(value):
        check_jsonata_text(site)
        return
    if not is_number(value) or (is_integer and value != int(value)):
        site.wrong_type("a whole number" if is_integer else "a number", _number_hint(site))
        return
    low, high = site.field.minimum, site.field.maximum
    if (low is not None and value < low) or (high is not None and value > high):
        span = f"between {low:,} and {high:,}" if low is not None and high is not None else f"at least {low:,}"
        site.report("OUT_OF_RANGE", f'"{site.name}" must be {span}, but is {value}.', "Change the number.")


def _number_hint(site: Site) -> str:
    value = site.value
    if not isinstance(value, str):
        return "Round it." if is_number(value) else ""
    if _QUOTED_NUMBER.fullmatch(value):
        return "Remove the quotes."
    if value.startswith("$") and site.field.twin:
        return f'To read it from the input, use "{site.field.twin}".'
    if is_jsonata_string(value):
        return 'A JSONata string needs "QueryLanguage": "JSONata".'
    return ""


def _check_items(site: Site) -> None:
    """``Items``: an array or an object (with JSONata strings in it), or a JSONata string."""
    if isinstance(site.value, dict | list) or is_jsonata_string(site.value):
        check_template(site)
    else:
        site.wrong_type("an array or a JSONata string", 'Write "{% $states.input.items %}".')


def _check_result(site: Site) -> None:
    """``Result`` is literal: a key that ends in ".$" in it is a likely mistake."""
    parts: list[tuple[JSONValue, str]] = [(site.value, site.pointer)]
    while parts:
        part, pointer = parts.pop()
        if isinstance(part, dict):
            for key, each in part.items():
                place = child_pointer(pointer, key)
                if key.endswith(".$") and isinstance(each, str) and each.startswith(("$", "States.")):
                    message = f'"{key}" stays as it is written: "Result" is not evaluated.'
                    site.findings.add("PASS_RESULT_IS_STATIC", place, message, 'Use "Parameters" to evaluate it.')
                parts.append((each, place))
        elif isinstance(part, list):
            parts.extend((each, child_pointer(pointer, index)) for index, each in enumerate(part))


def _check_members(site: Site) -> None:
    if not isinstance(site.value, dict):
        site.wrong_type("an object")
        return
    scope = replace(site.scope, owner=f'"{site.name}"', state_type="")
    table = site.field.members
    if table is not None:
        check_object(site.findings, scope, site.value, site.pointer, table, is_open=site.field.is_open)


def _objects(site: Site, *, may_be_empty: bool, noun: str) -> list[tuple[Site, JSONObject]]:
    """The elements of an array of objects; what is wrong with the rest is reported."""
    if not isinstance(site.value, list):
        hint = "Put it in brackets: [ ... ]." if isinstance(site.value, dict) else ""
        site.wrong_type(f"an array of {noun}s", hint)
        return []
    if not site.value and not may_be_empty:
        site.report("EMPTY_VALUE", f'"{site.name}" must not be empty.', f"Add a {noun}.")
    found: list[tuple[Site, JSONObject]] = []
    for index, each in enumerate(site.value):
        element = site.element(index, each, name=f"{site.name}[{index}]")
        if isinstance(each, dict):
            found.append((element, each))
        else:
            element.wrong_type("an object")
    return found


def _check_retriers(site: Site) -> None:
    scope = replace(site.scope, owner="a Retrier", state_type="")
    for element, entry in _objects(site, may_be_empty=True, noun="Retrier"):
        check_object(site.findings, scope, entry, element.pointer, RETRIER)
    check_all_is_last(site)


def _check_catchers(site: Site) -> None:
    scope = replace(site.scope, owner="a Catcher", state_type="")
    for element, entry in _objects(site, may_be_empty=True, noun="Catcher"):
        check_object(site.findings, scope, entry, element.pointer, CATCHER)
    check_all_is_last(site)


def _check_choices(site: Site) -> None:
    for element, rule in _objects(site, may_be_empty=False, noun="Choice Rule"):
        _check_rule(element, rule, is_nested=False)


def _check_nested_rules(site: Site) -> None:
    for element, rule in _objects(site, may_be_empty=False, noun="rule"):
        _check_rule(element, rule, is_nested=True)


def _check_nested_rule(site: Site) -> None:
    if isinstance(site.value, dict):
        _check_rule(site, site.value, is_nested=True)
    else:
        site.wrong_type("an object")


def _check_rule(site: Site, rule: JSONObject, *, is_nested: bool) -> None:
    scope = replace(site.scope, owner="a nested Choice Rule" if is_nested else "a Choice Rule", state_type="")
    check_rule_shape(site.findings, rule, site.pointer, scope=scope, is_nested=is_nested)
    known = {name: each for name, each in rule.items() if name != "Next"} if is_nested else rule
    check_object(site.findings, scope, known, site.pointer, NESTED_RULE if is_nested else CHOICE_RULE)


def _check_states(site: Site) -> None:
    if not isinstance(site.value, dict):
        site.wrong_type("an object", 'Write {"Name": {"Type": ...}}.')
    elif not site.value:
        site.report("EMPTY_VALUE", '"States" must not be empty.', "Add a state.")


def _check_branches(site: Site) -> None:
    _objects(site, may_be_empty=False, noun="branch")  # each branch is checked on its own


def _check_processor(site: Site) -> None:
    if not isinstance(site.value, dict):
        site.wrong_type("an object", 'Write {"StartAt": ..., "States": {...}}.')


_CHECKS: Final[Mapping[Role, Callable[[Site], None]]] = MappingProxyType(
    {
        Role.TEXT: _check_text,
        Role.TEXT_OR_EXPRESSION: _check_text_or_expression,
        Role.NAMES: _check_names,
        Role.STATE_NAME: _check_state_name,
        Role.FLAG: _check_flag,
        Role.INTEGER: _check_number,
        Role.NUMBER: _check_number,
        Role.PATH: check_path,
        Role.REFERENCE_PATH: check_reference_path,
        Role.PATH_OR_INTRINSIC: check_path_or_intrinsic,
        Role.TEMPLATE: check_template,
        Role.ASSIGNMENTS: check_assignments,
        Role.LITERAL: _check_result,
        Role.TIMESTAMP: check_timestamp,
        Role.RESOURCE: check_resource,
        Role.CREDENTIALS: check_credentials,
        Role.CONDITION: check_condition,
        Role.ITEMS: _check_items,
        Role.OBJECT: _check_members,
        Role.RETRIERS: _check_retriers,
        Role.CATCHERS: _check_catchers,
        Role.CHOICES: _check_choices,
        Role.RULE: _check_nested_rule,
        Role.RULES: _check_nested_rules,
        Role.OPERAND: check_operand,
        Role.STATES: _check_states,
        Role.BRANCHES: _check_branches,
        Role.PROCESSOR: _check_processor,
    }
)
