"""Checks of Choice Rules: one kind of test each, operators and their operands; it evaluates nothing."""

from typing import Final

from sfn_notebook._json import JSONObject, is_number
from sfn_notebook.asl.expression_rules import check_jsonata_text, check_path, check_timestamp, is_jsonata_string
from sfn_notebook.asl.fields import OPERATORS
from sfn_notebook.asl.findings import Findings, Scope, Site, shortened
from sfn_notebook.asl.spans import child_pointer

_COMBINATORS: Final = ("And", "Or", "Not")
_NOT_OPERATORS: Final = frozenset({"Variable", "Next", "Comment", "Assign", "Output", "Condition", *_COMBINATORS})


def check_rule_shape(findings: Findings, rule: JSONObject, pointer: str, *, scope: Scope, is_nested: bool) -> None:
    """One Choice Rule: And, Or, Not, or a Variable with one operator; Next only at the top."""
    if is_nested and "Next" in rule:
        message, place = 'Only the outermost rule has "Next".', child_pointer(pointer, "Next")
        findings.add("NEXT_IN_NESTED_RULE", place, message, "Move it to the outermost rule.", at_key=True)
    if scope.is_jsonata:
        return
    combinators = [name for name in _COMBINATORS if name in rule]
    operators = [name for name in rule if name in OPERATORS]
    if len(combinators) + bool(operators or "Variable" in rule) > 1:
        test = ["Variable"] if "Variable" in rule else operators
        names = " and ".join(f'"{name}"' for name in [*combinators, *test])
        findings.add("CHOICE_RULE", pointer, f"{names} cannot stand in one rule.", 'Combine them within "And" or "Or".')
    elif not combinators:
        _check_comparison(findings, rule, operators, pointer)


def _check_comparison(findings: Findings, rule: JSONObject, operators: list[str], pointer: str) -> None:
    if "Variable" not in rule:
        if operators or not _has_misspelt_operator(findings, rule):
            hint = 'Name what to test: "Variable": "$.field".'
            findings.add("CHOICE_RULE", pointer, 'A Choice Rule needs "Variable", "And", "Or" or "Not".', hint)
        return
    if not operators:
        if not _has_misspelt_operator(findings, rule):
            hint = 'Add one, for example "StringEquals": "text".'
            findings.add("CHOICE_OPERATOR", pointer, "A comparison operator is missing.", hint)
    elif len(operators) > 1:
        names = ", ".join(f'"{name}"' for name in operators)
        hint = 'Put each into a rule of its own within "And".'
        findings.add("CHOICE_OPERATOR", pointer, f"A rule has one comparison operator, but this has {names}.", hint)


def _has_misspelt_operator(findings: Findings, rule: JSONObject) -> bool:
    """Whether a field is there that is likely a misspelt operator: it is reported as an unknown field already."""
    return any(
        name not in OPERATORS and name not in _NOT_OPERATORS and findings.nearest(name, OPERATORS) for name in rule
    )


def check_operand(site: Site) -> None:
    """The operand of a comparison has the operator's type."""
    match OPERATORS[site.name]:
        case "path":
            check_path(site)
        case "timestamp":
            check_timestamp(site)
        case "string" if not isinstance(site.value, str):
            site.wrong_type("a string", _operand_hint(site))
        case "string" if site.value.startswith(("$.", "$$.")) and f"{site.name}Path" in OPERATORS:
            message = f"{shortened(site.value)} is compared as text: it is not read from the input."
            site.report("NO_DOLLAR", message, f'To compare with another field, use "{site.name}Path".')
        case "number" if not is_number(site.value):
            site.wrong_type("a number", _operand_hint(site))
        case "boolean" if not isinstance(site.value, bool):
            site.wrong_type("true or false", _operand_hint(site))
        case _:
            pass


def _operand_hint(site: Site) -> str:
    value = site.value
    if isinstance(value, str) and value.startswith("$") and f"{site.name}Path" in OPERATORS:
        return f'To compare with another field, use "{site.name}Path".'
    if is_number(value):
        return f'Quote it, or use "Numeric{site.name.removeprefix("String")}".'
    if isinstance(value, bool):
        return 'Use "BooleanEquals".'
    return "Remove the quotes." if isinstance(value, str) else ""


def check_condition(site: Site) -> None:
    """``Condition``: a JSONata string or a literal boolean."""
    if isinstance(site.value, bool):
        return
    if is_jsonata_string(site.value) or (isinstance(site.value, str) and ("{%" in site.value or "%}" in site.value)):
        check_jsonata_text(site)
    else:
        site.wrong_type("a JSONata string or a boolean", 'Write "{% $states.input.total > 100 %}".')
