"""Checks of paths, intrinsic functions, templates and JSONata strings: their syntax, never their values."""

import re
from collections.abc import Callable
from typing import Final

from sfn_notebook._json import JSONObject, JSONValue
from sfn_notebook.asl.findings import Site, described, shortened
from sfn_notebook.asl.intrinsic_rules import find_literal_mistake
from sfn_notebook.asl.intrinsics import compile_intrinsic
from sfn_notebook.asl.jsonata import compile_jsonata
from sfn_notebook.asl.paths import compile_path, parse_reference_path
from sfn_notebook.asl.rules import WARNING
from sfn_notebook.asl.timestamps import is_timestamp
from sfn_notebook.asl.variable_rules import check_variable_names
from sfn_notebook.errors import ExpressionSyntaxError

CONTEXT_FIELDS: Final = ("Execution", "Map", "State", "StateMachine", "Task")
"""Source: Step Functions Developer Guide, "Accessing execution data from the Context object"."""

ALWAYS_IN_STATES: Final = ("input", "context")
_WHERE_IN_STATES: Final = {
    "result": 'It is there in "Assign" and "Output" of a Task, Parallel or Map state.',
    "errorOutput": 'It is there in "Assign" and "Output" of a Catcher.',
}
"""Source: Step Functions Developer Guide, "Passing data between states with variables", "Reserved variable"."""

_SUBSTITUTION: Final = "${"
_CONTEXT_FIELD: Final = re.compile(r"\$\$\.([A-Za-z_]\w*)")
_LOOKS_EVALUATED: Final = re.compile(r"\$\$?\.[A-Za-z_]|\$\$?\[|States\.[A-Z]\w*\(")
_SCRIPT: Final = re.compile(r"\[\s*\(")
_ONE_BLANK: Final = re.compile(r"(?: |\r?\n[ \t]*)\Z")


def check_path(site: Site) -> None:
    """A Path: JSONPath from ``$``, from ``$$`` (the Context Object) or from a variable."""
    _check_path_text(site, _read_path, "INVALID_PATH")


def _read_path(text: str) -> None:
    compile_path(text)


def check_reference_path(site: Site) -> None:
    """A Reference Path into the state's input, which is where results are written."""
    if isinstance(site.value, str) and re.match(r"\$\$|\$\w", site.value):
        message = f'"{site.name}" must name a place in the state input, but {shortened(site.value)} does not.'
        site.report("INVALID_REFERENCE_PATH", message, 'Begin it with "$.", for example "$.result".')
        return
    _check_path_text(site, parse_reference_path, "INVALID_REFERENCE_PATH")


def check_path_or_intrinsic(site: Site) -> None:
    """A Path, or a call of an intrinsic function."""
    if isinstance(site.value, str) and not site.value.startswith("$"):
        _check_intrinsic(site)
    else:
        check_path(site)


def _check_path_text(site: Site, read: Callable[[str], object], rule: str) -> None:
    text = site.value
    if text is None and site.field.nullable:
        return
    if not isinstance(text, str):
        site.wrong_type("a path" + (" or null" if site.field.nullable else ""), 'Write a string such as "$.order".')
        return
    if _SUBSTITUTION in text:
        return
    if not text.startswith("$"):
        message = f'"{site.name}" must be a path, but {described(text)} is not one.'
        site.report(rule, message, _path_hint(text))
        return
    try:
        read(text)
    except ExpressionSyntaxError as error:
        if _SCRIPT.search(text):
            # Jayway's current release refuses these; which release AWS runs is unknown, so this is no error.
            message = f"{shortened(text)} has a script expression."
            site.report("SCRIPT_EXPRESSION", message, "Use a negative index: [-1].")
            return
        message = f"The path {shortened(text)} cannot be read at its character {error.column}: {error.reason}"
        site.report(rule, message, error.hint)
    _check_context_field(site, text)


def _path_hint(text: str) -> str:
    if text.startswith("{%"):
        return 'A JSONata string needs "QueryLanguage": "JSONata".'
    if text.startswith("States."):
        return "An intrinsic function cannot stand here: compute the value in a state before."
    return (
        f'Begin it with "$": "$.{shortened(text.strip(".$ "))}".'
        if re.match(r"\$?[\w. -]+\Z", text)
        else 'Begin it with "$".'
    )


def _check_context_field(site: Site, text: str) -> None:
    match = _CONTEXT_FIELD.match(text)
    if match is None or match[1] in CONTEXT_FIELDS:
        return
    hint = site.findings.suggestion(match[1], CONTEXT_FIELDS) or f"It has {', '.join(CONTEXT_FIELDS)}."
    site.report("UNKNOWN_CONTEXT_FIELD", f'The Context Object has no "{match[1]}".', hint)


def _check_intrinsic(site: Site) -> None:
    text = str(site.value)
    if _SUBSTITUTION in text:
        return
    if not text.startswith("States."):
        message = f'"{site.name}" must hold a path or an intrinsic function, but {described(text)} is neither.'
        plain = site.name.removesuffix(".$")
        as_text = f' For this text itself, name the key "{plain}".' if plain != site.name else ""
        site.report("INVALID_TEMPLATE_VALUE", message, f'Begin it with "$" or "States.".{as_text}')
        return
    try:
        compile_intrinsic(text)
    except ExpressionSyntaxError as error:
        message = f"{shortened(text)} cannot be called: {error.reason} (character {error.column})"
        site.report("INVALID_INTRINSIC", message, error.hint)
        return
    mistake = find_literal_mistake(text)
    if mistake is not None:
        message = f"{shortened(text)} cannot be called: {mistake.reason} (character {mistake.column})"
        site.report("INVALID_INTRINSIC", message, "Give a literal of that type, or a path.")


def check_template(site: Site) -> None:
    """A Payload Template under JSONPath, or any JSON with JSONata strings in it."""
    if site.scope.is_jsonata:
        _check_jsonata_template(site)
    else:
        _check_payload_template(site)


def check_assignments(site: Site) -> None:
    """``Assign``: an object of variable names and templates."""
    if not isinstance(site.value, dict):
        site.wrong_type("an object", 'Write {"variable": value}.')
        return
    check_variable_names(site)
    check_template(site)


def _check_payload_template(site: Site) -> None:
    value = site.value
    if isinstance(value, dict):
        _check_key_conflicts(site, value)
        for key, each in value.items():
            member = site.element(key, each, name=key)
            if key.endswith(".$"):
                _check_dynamic_value(member)
            else:
                _check_payload_template(member)
    elif isinstance(value, list):
        for index, each in enumerate(value):
            _check_payload_template(site.element(index, each, name=""))
    elif isinstance(value, str):
        _advise_on_literal(site, value)


def _check_key_conflicts(site: Site, value: JSONObject) -> None:
    for key in value:
        if key.endswith(".$") and key[:-2] in value:
            message = f'"{key[:-2]}" and "{key}" would become the same key.'
            site.findings.add(
                "TEMPLATE_KEY_CONFLICT", site.element(key, None).pointer, message, "Remove one of the two.", at_key=True
            )


def _check_dynamic_value(site: Site) -> None:
    if not isinstance(site.value, str):
        hint = f'For this value itself, name the key "{site.name.removesuffix(".$")}".'
        message = f'"{site.name}" must hold a path or an intrinsic function, but is {described(site.value)}.'
        site.report("INVALID_TEMPLATE_VALUE", message, hint)
        return
    check_path_or_intrinsic(site)


def _advise_on_literal(site: Site, text: str) -> None:
    """Warnings about text that looks like an expression and is not evaluated."""
    if _LOOKS_EVALUATED.match(text):
        message = f"{shortened(text)} is passed on as text: it is not evaluated."
        hint = f'To evaluate it, name the key "{site.name}.$".' if site.name else "To evaluate it, use States.Array."
        site.report("NO_DOLLAR", message, hint)
    elif is_jsonata_string(text):
        message = "A JSONata string is passed on as text in a JSONPath state."
        site.report("JSONATA_IN_JSONPATH", message, 'Add "QueryLanguage": "JSONata" to evaluate it.')


def _check_jsonata_template(site: Site) -> None:
    value = site.value
    if isinstance(value, dict):
        for key, each in value.items():
            member = site.element(key, each, name=key)
            if key.endswith(".$") and isinstance(each, str) and each.startswith(("$", "States.")):
                message = f'"{key}" is an ordinary key in a JSONata state: its value is not evaluated.'
                member.report("JSONPATH_IN_JSONATA", message, f'Write "{key[:-2]}": "{{% ... %}}".')
            _check_jsonata_template(member)
    elif isinstance(value, list):
        for index, each in enumerate(value):
            _check_jsonata_template(site.element(index, each))
    elif isinstance(value, str):
        check_jsonata_text(site)


def is_jsonata_string(value: JSONValue) -> bool:
    """Whether ``value`` is text in JSONata's delimiters."""
    return isinstance(value, str) and value.startswith("{%") and value.endswith("%}")


def check_jsonata_text(site: Site) -> None:
    """Text in a JSONata state: literal, or an expression with both delimiters and well-formed within."""
    text = str(site.value)
    opens, closes = text.startswith("{%"), text.endswith("%}") and len(text) >= 4
    if not opens and not closes:
        if is_jsonata_string(text.strip()):
            message = f"{shortened(text)} is passed on as text: blanks stand around its delimiters."
            site.report("JSONATA_SPACING", message, 'Begin with "{%" and end with "%}" to evaluate it.')
        return
    if opens is not closes:
        missing, where = ("%}", "end") if opens else ("{%", "begin")
        message = f"The JSONata string {shortened(text)} does not {where} with {missing}."
        site.report("INVALID_JSONATA", message, 'Write "{% expression %}".')
        return
    expression = text[2:-2]
    if _SUBSTITUTION not in expression:
        _check_jsonata_expression(site, expression)
    lead = expression[: len(expression) - len(expression.lstrip())]
    trail = expression[len(expression.rstrip()) :]
    if expression.strip() and not (_ONE_BLANK.match(lead) and _ONE_BLANK.match(trail)):
        message = "JSONata expressions are written with one blank inside each delimiter."
        site.report("JSONATA_SPACING", message, "Write {% expression %}.")


def _check_jsonata_expression(site: Site, expression: str) -> None:
    remedy = 'A state\'s data is in $states: "{% $states.input.total > 100 %}".'
    try:
        references = compile_jsonata(expression).references
    except ExpressionSyntaxError as mistake:
        message = f"The JSONata expression is not well formed at its character {mistake.column}: {mistake.reason}"
        site.report("INVALID_JSONATA", message, mistake.hint or remedy)
        return
    if references.root_position is not None:
        column = references.root_position + 1
        message = f"The JSONata expression reads a value that a state does not have, at its character {column}."
        site.report("INVALID_JSONATA", message, remedy)
    for name, position in references.states_parts:
        _check_states_part(site, name, position + 1)


def _check_states_part(site: Site, name: str, column: int) -> None:
    known = (*ALWAYS_IN_STATES, *sorted(site.field.reads))
    if name in known:
        return
    if name in _WHERE_IN_STATES:
        message = f"$states.{name} is not there in this field (character {column} of the expression)."
        site.report("UNAVAILABLE_VALUE", message, _WHERE_IN_STATES[name])
        return
    message = f'$states has no "{shortened(name)}" (character {column} of the expression).'
    hint = site.findings.suggestion(name, known) or f"It has {', '.join(known)} here."
    # That AWS refuses a name which is not there anywhere was not recorded.
    site.report("UNAVAILABLE_VALUE", message, hint, severity=WARNING)


def check_timestamp(site: Site) -> None:
    """An RFC 3339 date-time, or a JSONata string in a JSONata state."""
    text = site.value
    if site.scope.is_jsonata and is_jsonata_string(text):
        check_jsonata_text(site)
        return
    if not isinstance(text, str):
        site.wrong_type("a timestamp", 'Write it like "2026-03-14T01:59:00Z".')
    elif _SUBSTITUTION not in text and not is_timestamp(text):
        message = f"{described(text)} is not an RFC 3339 timestamp."
        site.report("INVALID_TIMESTAMP", message[0].upper() + message[1:], 'Write it like "2026-03-14T01:59:00Z".')
