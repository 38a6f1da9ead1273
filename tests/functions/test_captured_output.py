import io
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from sfn_notebook.functions.captured_output import LONGEST_OUTPUT, begin_capture, end_capture
from sfn_notebook.functions.function import LambdaFunction
from sfn_notebook.functions.invocation import invoke


@contextmanager
def _bare_root() -> Iterator[logging.Logger]:
    """The root logger as a notebook has it: without handlers, of which pytest adds some as each test begins."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    root.handlers[:] = []
    try:
        yield root
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)


def _logs(handler: Callable[[object], object]) -> str | None:
    return invoke(LambdaFunction(handler, name="shout"), {}, request_id="1").logs


def test_prints_to_both_streams_are_kept_in_order_and_shown(capsys: pytest.CaptureFixture[str]) -> None:
    def shout(_event: object) -> None:
        print("one")  # noqa: T201 - what is tested
        print("two", file=sys.stderr)  # noqa: T201 - as above
        sys.stdout.writelines(["three", "\n"])

    assert _logs(shout) == "one\ntwo\nthree\n"
    shown = capsys.readouterr()
    assert (shown.out, shown.err) == ("one\nthree\n", "two\n")


def test_a_silent_call_keeps_nothing_and_streams_are_as_before() -> None:
    streams, handlers = (sys.stdout, sys.stderr), logging.getLogger().handlers[:]
    assert _logs(lambda event: event) is None
    assert (sys.stdout, sys.stderr) == streams
    assert logging.getLogger().handlers == handlers


def test_what_was_printed_before_a_failure_is_kept() -> None:
    def fail(_event: object) -> None:
        print("about to fail")  # noqa: T201 - what is tested
        raise ValueError("no")

    streams = (sys.stdout, sys.stderr)
    assert _logs(fail) == "about to fail\n"
    assert (sys.stdout, sys.stderr) == streams


def test_a_warning_is_shown_and_kept_once_without_any_handler(capsys: pytest.CaptureFixture[str]) -> None:
    def warn(_event: object) -> None:
        logging.getLogger("orders").warning("low stock")
        logging.getLogger("orders").info("nobody asked for this")

    with _bare_root():
        assert _logs(warn) == "low stock\n"
    assert capsys.readouterr().err == "low stock\n"


def test_records_are_kept_as_the_notebooks_own_handler_writes_them() -> None:
    stream = io.StringIO()
    own = logging.StreamHandler(stream)
    own.setFormatter(logging.Formatter("%(levelname)s %(message)s"))

    def tell(_event: object) -> None:
        logging.getLogger("orders").info("packed %s", 7)

    with _bare_root() as root:
        root.addHandler(own)
        root.setLevel(logging.INFO)
        assert _logs(tell) == "INFO packed 7\n" == stream.getvalue()


def test_records_that_a_logger_lets_pass_are_kept_though_nobody_shows_them() -> None:
    with _bare_root() as root:
        root.setLevel(logging.INFO)
        assert _logs(lambda _event: root.info("packed")) == "INFO:root:packed\n"


def test_a_handler_that_the_call_makes_for_its_own_stream_keeps_a_record_once() -> None:
    def configure(_event: object) -> None:
        logging.getLogger().addHandler(logging.StreamHandler(sys.stderr))
        logging.getLogger().warning("once")

    with _bare_root() as root:
        assert _logs(configure) == "once\n"
        assert len(root.handlers) == 1


def test_an_inner_call_is_kept_for_the_outer_one_too() -> None:
    inner = LambdaFunction(lambda _event: print("inner"), name="inner")  # noqa: T201 - what is tested

    def outer(_event: object) -> object:
        print("before")  # noqa: T201 - what is tested
        return invoke(inner, {}, request_id="2").logs

    result = invoke(LambdaFunction(outer, name="outer"), {}, request_id="1")
    assert (result.logs, result.payload) == ("before\ninner\n", "inner\n")


def test_very_much_output_is_cut_and_counted() -> None:
    def flood(_event: object) -> None:
        for _ in range(30):
            print("x" * 999)  # noqa: T201 - what is tested

    logs = _logs(flood) or ""
    assert len(logs) < LONGEST_OUTPUT + 100
    assert logs.endswith("\n... 10,000 more characters")


def test_a_stream_that_the_call_puts_in_place_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", sys.stdout)
    own = io.StringIO()
    begin_capture()
    sys.stdout = own
    end_capture()
    assert sys.stdout is own
