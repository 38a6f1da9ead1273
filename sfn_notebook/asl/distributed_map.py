"""The fields of a Distributed Map compiled, in both query languages; it reads no item and starts nothing.

Source: developer guide, "Using Map state in Distributed mode", with ItemReader, ItemBatcher and ResultWriter.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sfn_notebook._json import ABSENT, JSONObject, JSONValue
from sfn_notebook.asl import error_names, jsonata_template, map_limits
from sfn_notebook.asl.data_flow import compile_filter, compile_template
from sfn_notebook.asl.environment import Environment, EvaluationError
from sfn_notebook.asl.model import MapState, QueryLanguage, Template
from sfn_notebook.asl.paths import Evaluator


@dataclass(frozen=True, kw_only=True, slots=True)
class CompiledServiceCall:
    """An ItemReader or a ResultWriter: its Resource, and what finds its arguments and its configuration."""

    resource: str | None
    arguments: Evaluator
    config: Evaluator


@dataclass(frozen=True, kw_only=True, slots=True)
class CompiledBatcher:
    """An ItemBatcher; ``None`` where a field was not written."""

    max_items: Evaluator | None
    max_input_bytes: Evaluator | None
    batch_input: Evaluator | None


@dataclass(frozen=True, kw_only=True, slots=True)
class DistributedFields:
    """What a Distributed Map has besides an inline one's fields; ``None`` where a field was not written."""

    label: str | None
    execution_type: str
    max_concurrency: Evaluator
    reader: CompiledServiceCall | None
    batcher: CompiledBatcher | None
    writer: CompiledServiceCall | None
    tolerated_failure_count: Evaluator | None
    tolerated_failure_percentage: Evaluator | None


def compile_distributed_fields(state: MapState) -> DistributedFields:
    """Compile the fields of ``state`` that an inline Map does not have, and MaxConcurrency.

    Raises:
        ExpressionSyntaxError: For an expression that validation did not see.
    """
    compiler = _Compiler(state.query_language)
    return DistributedFields(
        label=state.label,
        execution_type=state.item_processor.execution_type or "STANDARD",
        max_concurrency=compiler.number(
            "MaxConcurrency", state.max_concurrency, state.max_concurrency_path, map_limits.max_concurrency
        )
        or _constant(0),
        reader=compiler.service_call("ItemReader", state.item_reader, "ReaderConfig"),
        batcher=compiler.batcher(state.item_batcher),
        writer=compiler.service_call("ResultWriter", state.result_writer, "WriterConfig"),
        tolerated_failure_count=compiler.number(
            "ToleratedFailureCount",
            state.tolerated_failure_count,
            state.tolerated_failure_count_path,
            map_limits.tolerated_failure_count,
        ),
        tolerated_failure_percentage=compiler.number(
            "ToleratedFailurePercentage",
            state.tolerated_failure_percentage,
            state.tolerated_failure_percentage_path,
            map_limits.tolerated_failure_percentage,
            is_integer=False,
        ),
    )


def compile_map_items(state: MapState) -> Evaluator:
    """Compile ItemsPath or Items of a Distributed Map without ItemReader: an array, or an object of entries."""
    if state.query_language is QueryLanguage.JSONATA:
        if state.items is ABSENT:
            return lambda state_input, _environment: (
                state_input if isinstance(state_input, dict) else jsonata_template.array_input(state_input)
            )
        return _literal_or_array(state.items)
    items_at = compile_filter(state.items_path) or _identity

    def items_of(state_input: JSONValue, environment: Environment) -> JSONValue:
        items = items_at(state_input, environment)
        if not isinstance(items, list | dict):
            path = state.items_path
            # Recorded: a path into the Context Object is shown without its first "$".
            shown = path.removeprefix("$") if path.startswith("$$") else path
            detail = f'Reference path "{shown}" must point to array.'
            raise EvaluationError(error_names.RUNTIME, detail, prefixed=False)
        return items

    return items_of


def _literal_or_array(items: JSONValue) -> Evaluator:
    if isinstance(items, dict):
        fields_of = jsonata_template.compile_template(items, "Items")
        return lambda _input, environment: fields_of(environment)
    items_of = jsonata_template.compile_array(items, "Items")
    return lambda _input, environment: items_of(environment)


def _identity(state_input: JSONValue, _environment: Environment) -> JSONValue:
    return state_input


def _constant(value: JSONValue) -> Evaluator:
    return lambda _input, _environment: value


class _Compiler:
    """Compiles fields in one query language."""

    def __init__(self, language: QueryLanguage) -> None:
        self._is_jsonata = language is QueryLanguage.JSONATA

    def template(self, field: str, template: Template) -> Evaluator | None:
        """A field that may hold any JSON; ``None`` where it was not written."""
        if template is ABSENT or not self._is_jsonata:
            return compile_template(template)
        evaluate = jsonata_template.compile_template(template, field)
        return lambda _input, environment: evaluate(environment)

    def number(
        self,
        field: str,
        written: JSONValue,
        path: str | None,
        check: Callable[[Any], float],
        *,
        is_integer: bool = True,
    ) -> Evaluator | None:
        """A field, or its ``...Path`` twin, that must be a number which passes ``check``."""
        found: Evaluator
        if path is not None:
            make = map_limits.integer_evaluator if is_integer else map_limits.float_evaluator
            found = make(field, path, compile_filter(path) or _identity)
        elif isinstance(written, str):
            compile_one = jsonata_template.compile_integer if is_integer else jsonata_template.compile_number
            number_of: Callable[[Environment], float] = compile_one(written, field)

            def found(_input: JSONValue, environment: Environment) -> JSONValue:
                return number_of(environment)

        elif written is None:
            return None
        else:
            found = _constant(written)
        return lambda state_input, environment: check(found(state_input, environment))

    def service_call(self, field: str, written: Template, config_field: str) -> CompiledServiceCall | None:
        """An ItemReader or a ResultWriter."""
        if written is ABSENT:
            return None
        arguments_field = "Arguments" if self._is_jsonata else "Parameters"
        arguments = self.template(f"{field}/{arguments_field}", written.get(arguments_field, ABSENT))
        return CompiledServiceCall(
            resource=written.get("Resource"),
            arguments=arguments or _constant({}),
            config=self._config(f"{field}/{config_field}", written.get(config_field, {})),
        )

    def batcher(self, written: Template) -> CompiledBatcher | None:
        """An ItemBatcher."""
        if written is ABSENT:
            return None
        max_items, max_input_bytes = (
            self.number(name, written.get(name), written.get(f"{name}Path"), _batch_check(name))
            for name in ("MaxItemsPerBatch", "MaxInputBytesPerBatch")
        )
        return CompiledBatcher(
            max_items=max_items,
            max_input_bytes=max_input_bytes,
            batch_input=self.template("ItemBatcher/BatchInput", written.get("BatchInput", ABSENT)),
        )

    def _config(self, field: str, config: JSONObject) -> Evaluator:
        """A configuration in which MaxItemsPath is replaced by what it finds; its range is the reader's to check."""
        plain = {name: value for name, value in config.items() if name != "MaxItemsPath"}
        if self._is_jsonata:
            evaluate = jsonata_template.compile_template(plain, field)
            return lambda _input, environment: evaluate(environment)
        if (path := config.get("MaxItemsPath")) is None:
            return _constant(plain)
        max_items_of = map_limits.integer_evaluator("MaxItems", path, compile_filter(path) or _identity)
        return lambda state_input, environment: plain | {"MaxItems": max_items_of(state_input, environment)}


def _batch_check(field: str) -> Callable[[int], int]:
    return lambda value: map_limits.batch_limit(field, value)
