"""Feeds hostile text and values to every reader and evaluator, for as long as it is told; pytest runs it for seconds.

    python -m tests.fuzz.fuzz_expressions --seconds 600          # all targets, in turns
    python -m tests.fuzz.fuzz_expressions --seconds 60 paths     # some targets

What must hold for each input: it ends within a second of processor time, it fails only with the documented errors, its
result can be written as JSON, and what it was given is as it was. What breaks this is shrunk, printed and counted.
"""

import argparse
import faulthandler
import json
import resource
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, Final

import hypothesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from sfn_notebook import _json
from sfn_notebook.asl.aws_diagnostics import diagnose
from sfn_notebook.asl.choice import compile_condition
from sfn_notebook.asl.compile import compile_definition
from sfn_notebook.asl.environment import EvaluationError
from sfn_notebook.asl.intrinsics import compile_intrinsic
from sfn_notebook.asl.jsonata import (
    UNDEFINED,
    CompiledJsonata,
    EagerScope,
    JsonataError,
    JsonataExpression,
    UnsupportedResult,
    compile_jsonata,
    jsonata_engine,
)
from sfn_notebook.asl.jsonata_template import compile_template
from sfn_notebook.asl.model import And, Comparison, Condition, Not, Or
from sfn_notebook.asl.parser import parse_definition
from sfn_notebook.asl.paths import PathNotFound, compile_path, parse_reference_path, set_at
from sfn_notebook.asl.payload_template import compile_payload_template
from sfn_notebook.asl.source import Document, Format, read_document
from sfn_notebook.asl.timestamps import is_timestamp, parse_nanoseconds, parse_timestamp
from sfn_notebook.asl.validation import validate
from sfn_notebook.engine.context_object import ExecutionHeader, MachineIdentity
from sfn_notebook.engine.execution import Execution
from sfn_notebook.engine.history import history_of
from sfn_notebook.engine.interpreter import replay
from sfn_notebook.engine.resources import TaskError, TaskRequest, TaskResult
from sfn_notebook.errors import SfnNotebookError
from sfn_notebook.runtime.clock import VirtualClock, stopwatch
from sfn_notebook.runtime.scheduler import Scheduler
from tests.fuzz import fuzz_machines, fuzz_texts

LONGEST_SECONDS: Final = 1.0
LONGEST_RUN_SECONDS: Final = 5.0
"""A run may write 25,000 events, which is a bound in events, not in seconds."""

MEMORY_BYTES: Final = 6 * 1024**3
ROUND_EXAMPLES: Final = 200
WATCHDOG_SECONDS: Final = 60
MAX_REPLAYED_EVENTS: Final = 5_000

Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """An Environment and a JsonataScope in one, with everything at hand."""

    context_object: Any
    variables: Any
    states: Any
    random: Random
    now_seconds: float = 1_767_225_600.0


def surroundings(value: Any) -> Surroundings:
    """Where ``value`` is the input, the Context Object's input, a variable and ``$states.input`` at once."""
    return Surroundings(
        context_object={"Execution": {"Input": value, "Name": "run"}, "Map": {"Item": {"Index": 0, "Value": value}}},
        variables={"a": value, "n": 3, "text": "x"},
        states={"input": value, "context": {"Execution": {"Name": "run"}}},
        random=Random(7),
    )


REACHED: Final[Counter[str]] = Counter()
"""How far the inputs of the present target came: a fuzzer whose inputs are all refused at the door tries nothing."""


class BrokenPromise(AssertionError):  # noqa: N818 - the name says the fact
    """An invariant that holds no more; the message tells which."""


def evaluated(evaluate: Callable[[], Any], given_value: Any, *allowed: type[Exception]) -> None:
    """Run ``evaluate``: documented errors only, JSON out, input unchanged."""
    before = repr(given_value)
    REACHED["evaluated"] += 1
    try:
        result = evaluate()
    except allowed:
        pass
    else:
        REACHED["gave a value"] += 1
        _json.dump(result)
    if repr(given_value) != before:
        raise BrokenPromise("the input was changed")


def check_path(case: tuple[str, Any]) -> None:
    text, value = case
    with suppress(SfnNotebookError):
        path = compile_path(text)
        evaluated(lambda: path.evaluate(value, surroundings(value)), value, PathNotFound)
        segments = parse_reference_path(text)
        evaluated(lambda: set_at(value, segments, [1]), value, EvaluationError)


def check_intrinsic(case: tuple[str, Any]) -> None:
    text, value = case
    with suppress(SfnNotebookError):
        evaluate = compile_intrinsic(text)
        evaluated(lambda: evaluate(value, surroundings(value)), value, EvaluationError)


def check_jsonata(expression_of: Callable[[str], JsonataExpression | CompiledJsonata], case: tuple[str, Any]) -> None:
    text, value = case
    around = surroundings(value)
    scope = EagerScope(states=around.states, variables=around.variables, random=around.random, now_seconds=1.0)
    with suppress(SfnNotebookError):
        expression = expression_of(text)

        def evaluate() -> Any:
            result = expression.evaluate(scope)
            return None if result is UNDEFINED else result

        evaluated(evaluate, value, JsonataError, UnsupportedResult)


def check_template(case: tuple[Any, Any]) -> None:
    template, value = case
    with suppress(SfnNotebookError):
        evaluate = compile_payload_template(template)
        evaluated(lambda: evaluate(value, surroundings(value)), value, EvaluationError, PathNotFound)


def check_jsonata_template(case: tuple[Any, Any]) -> None:
    template, value = case
    with suppress(SfnNotebookError):
        evaluate = compile_template(template, "Output")
        evaluated(lambda: evaluate(surroundings(value)), value, EvaluationError)


def _condition(rule: Json) -> Condition:
    for name, each in rule.items():
        match name:
            case "And" | "Or":
                kind = And if name == "And" else Or
                return kind(conditions=tuple(map(_condition, each)))
            case "Not":
                return Not(condition=_condition(each))
            case "Variable":
                pass
            case _:
                operator = name.removesuffix("Path")
                is_path = operator != name
                return Comparison(variable=rule["Variable"], operator=operator, operand=each, operand_is_path=is_path)
    raise BrokenPromise(f"the fuzzer made a rule without a test: {rule}")


def check_choice(case: tuple[Json, Any]) -> None:
    rule, value = case
    with suppress(SfnNotebookError):
        holds = compile_condition(_condition(rule))
        evaluated(lambda: holds(value, surroundings(value)), value, EvaluationError)


def check_timestamp(text: str) -> None:
    with suppress(ValueError):  # the documented error of a text that is no timestamp
        if parse_timestamp(text) != parse_nanoseconds(text) / 10**9:
            raise BrokenPromise("seconds and nanoseconds differ")
        if not is_timestamp(text):
            raise BrokenPromise("a timestamp that can be read is none")


def check_text(format: Format | None, text: str) -> None:
    """Read, validate, say it in AWS's words, and parse and compile what has no mistake; places lie in the text."""
    document = read_document(text, format=format)
    problems = validate(document)
    lines = len(text.splitlines()) + 2
    for each in problems:
        if not (0 <= each.line <= each.end_line <= lines and each.message and str(each)):
            raise BrokenPromise(f"a problem stands outside of the text: {each}")
    if document.value is None and not problems:
        raise BrokenPromise("nothing was read, and nothing is said about it")
    diagnose(document)
    with suppress(SfnNotebookError):
        compile_definition(parse_definition(document, name="Machine"))
        REACHED["compiled"] += 1


def check_definition(value: Any) -> None:
    with suppress(SfnNotebookError):
        document = Document.from_value(value)
        validate(document)
        diagnose(document)
        compile_definition(parse_definition(document, name="Machine"))
        REACHED["compiled"] += 1


class _Answers:
    """Answers tasks in turn, some with errors."""

    def __init__(self, answers: Sequence[Any]) -> None:
        self._answers = answers
        self._count = 0

    def perform(self, _request: TaskRequest) -> TaskResult | TaskError:
        self._count += 1
        answer = self._answers[self._count % len(self._answers)]
        if self._count % 3 == 0:
            return TaskError(error="Busy", cause=None, duration_seconds=1.0)
        return TaskResult(result=answer, duration_seconds=float(self._count % 4))


MACHINE: Final = MachineIdentity(
    name="Machine",
    arn="arn:aws:states:us-east-1:123456789012:stateMachine:Machine",
    role_arn="arn:aws:iam::123456789012:role/role",
)


def check_run(case: tuple[Json, Any, list[Any]]) -> None:
    """Run a machine to its end; its history is JSON, and its log replays to the same bytes."""
    value, given_input, answers = case
    with suppress(SfnNotebookError):
        definition = parse_definition(Document.from_value(value), name="Machine")
        compiled = compile_definition(definition)
        execution = Execution(
            definition=definition,
            compiled=compiled,
            header=ExecutionHeader("run", MACHINE, given_input, 1),
            scheduler=Scheduler(VirtualClock(1_000_000.0)),
            resolver=_Answers(answers),
        ).run()
        REACHED[execution.status.value.lower()] += 1
        if execution.status not in ("SUCCEEDED", "FAILED", "TIMED_OUT"):
            raise BrokenPromise(f"the run ended as {execution.status}")
        history = json.dumps(execution.history)
        if len(execution.history) < MAX_REPLAYED_EVENTS:
            replayed = replay(compiled, execution.header, execution.log)
            if json.dumps(history_of(replayed.events)) != history:
                raise BrokenPromise("the log replays to another history")


def _with_value(texts: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.tuples(texts, st.one_of(fuzz_texts.objects, fuzz_texts.values))


TARGETS: Final[dict[str, tuple[Callable[[Any], None], st.SearchStrategy[Any]]]] = {
    "json": (partial(check_text, "json"), fuzz_machines.json_texts),
    "yaml": (partial(check_text, "yaml"), fuzz_machines.yaml_texts),
    "definitions": (check_definition, fuzz_machines.broken()),
    "paths": (check_path, _with_value(fuzz_texts.paths)),
    "intrinsics": (check_intrinsic, _with_value(fuzz_texts.intrinsics)),
    "templates": (check_template, _with_value(fuzz_machines.templates(is_jsonata=False))),
    "choices": (check_choice, _with_value(fuzz_machines.choice_tests(3))),
    "timestamps": (check_timestamp, fuzz_texts.timestamps),
    "jsonata": (partial(check_jsonata, compile_jsonata), _with_value(fuzz_texts.jsonata_texts)),
    "jsonatapy": (
        partial(check_jsonata, lambda text: jsonata_engine("jsonatapy").compile(text)),
        _with_value(fuzz_texts.jsonata_texts),
    ),
    "jsonata-python": (
        partial(check_jsonata, lambda text: jsonata_engine("jsonata-python").compile(text)),
        _with_value(fuzz_texts.jsonata_texts),
    ),
    "jsonata-templates": (check_jsonata_template, _with_value(fuzz_machines.templates(is_jsonata=True))),
    "machines": (check_run, fuzz_machines.runs),
}


# The runner


@dataclass(kw_only=True)
class Report:
    """What one target has seen."""

    name: str
    inputs: int = 0
    seconds: float = 0.0
    slowest_seconds: float = 0.0
    reached: Counter[str] = field(default_factory=Counter)
    found: dict[str, str] = field(default_factory=dict)
    seen: Counter[str] = field(default_factory=Counter)


def signature(error: BaseException) -> str:
    """What tells one mistake from another: the kind of error and the innermost line of the package."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [each for each in frames if "sfn_notebook" in each.filename and "fuzz" not in each.filename]
    place = f"{Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else "the fuzzer"
    told = str(error)[:80] if isinstance(error, BrokenPromise) else ""
    return f"{type(error).__name__} at {place} {told}".strip()


def fuzz_round(report: Report, examples: int, seed: int) -> None:
    """Try ``examples`` inputs of a target; a mistake that is new is shrunk and kept."""
    check, strategy = TARGETS[report.name]
    latest: dict[str, str] = {}

    def attempt(case: Any) -> None:
        report.inputs += 1
        started_seconds = time.thread_time()
        try:
            check(case)
        except Exception as error:
            name = signature(error)
            report.seen[name] += 1
            if name in report.found:
                return
            latest[name] = f"{case!r}\n{''.join(traceback.format_exception(error)[-6:])}"
            raise
        finally:
            faulthandler.dump_traceback_later(WATCHDOG_SECONDS, exit=True)
            took_seconds = time.thread_time() - started_seconds
            report.slowest_seconds = max(report.slowest_seconds, took_seconds)
            longest_seconds = LONGEST_RUN_SECONDS if check is check_run else LONGEST_SECONDS
            if took_seconds > longest_seconds:
                name = f"slower than {longest_seconds} s"
                report.seen[name] += 1
                report.found.setdefault(name, f"{took_seconds:.2f} s: {case!r}")

    options = settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
    )
    test = hypothesis.seed(seed)(options(given(strategy)(attempt)))
    try:
        test()
    except Exception as error:  # noqa: BLE001 - whatever a target raises is what is looked for
        name = signature(error)
        report.found[name] = latest.get(name, "".join(traceback.format_exception(error)))


def fuzz(names: Sequence[str], seconds: float, inputs: int, seed: int) -> list[Report]:
    """Fuzz the targets in turns until each has had its share of the time and ``inputs`` inputs."""
    reports = [Report(name=name) for name in names]
    turn = seed
    while waiting := [each for each in reports if each.seconds < seconds / len(reports) or each.inputs < inputs]:
        for report in waiting:
            turn += 1
            REACHED.clear()
            started_seconds = stopwatch()
            fuzz_round(report, min(ROUND_EXAMPLES, inputs) if inputs else ROUND_EXAMPLES, turn)
            report.seconds += stopwatch() - started_seconds
            report.reached.update(REACHED)
    return reports


def main() -> int:
    """Fuzz, print what was tried and found, and return 1 if anything was found."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("targets", nargs="*", metavar="target", help=f"{', '.join(TARGETS)}; all by default")
    parser.add_argument("--seconds", type=float, default=60.0, help="how long, for all targets together")
    parser.add_argument("--inputs", type=int, default=0, help="how many inputs each target gets at least")
    parser.add_argument("--seed", type=int, default=0, help="another number tries other inputs")
    options = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    faulthandler.enable()
    faulthandler.dump_traceback_later(WATCHDOG_SECONDS, exit=True)
    reports = fuzz(options.targets or list(TARGETS), options.seconds, options.inputs, options.seed)
    for report in reports:
        reached = ", ".join(f"{name} {count:,}" for name, count in report.reached.items())
        tried = f"{report.inputs:,} inputs in {report.seconds:.0f} s ({reached})"
        print(f"{report.name}: {tried}, slowest {report.slowest_seconds:.2f} s, {len(report.found)} found")  # noqa: T201 - its output
    for report in reports:
        for name, shown in report.found.items():
            print(f"\n=== {report.name}: {name} ({report.seen[name]} times)\n{shown[:3000]}")  # noqa: T201 - its output
    return int(any(report.found for report in reports))


if __name__ == "__main__":
    sys.exit(main())
