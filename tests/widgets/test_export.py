import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sfn_notebook.errors import InvalidInput, UnknownName
from sfn_notebook.functions.registry import FunctionRegistry
from sfn_notebook.widgets.export import FORMATS, document_of, export
from sfn_notebook.workspace import StateMachine, Workspace
from tests.widgets.trace_reader import read_trace
from tests.widgets.traces import failing_run, hostile_run, map_run

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


def _machine() -> StateMachine:
    states = {"Only": {"Type": "Pass", "End": True}}
    return StateMachine.from_definition(
        {"StartAt": "Only", "States": states},
        name="Small",
        functions={},
        workspace=Workspace(registry=FunctionRegistry()),
    )


@pytest.mark.parametrize("format", [name for name in FORMATS if name != "png"])
def test_the_same_run_gives_the_same_bytes(format: str) -> None:
    assert document_of(failing_run(), format) == document_of(failing_run(), format)


def test_each_format_is_what_its_name_says() -> None:
    run = failing_run()
    assert document_of(run, "html").startswith(b"<!doctype html>")
    assert document_of(run, "svg").startswith(b"<svg ")
    assert document_of(run, "png").startswith(b"\x89PNG")
    assert document_of(run, "mermaid").startswith(b"stateDiagram-v2\n")
    text = document_of(run, "text").decode()
    assert "OrderFlow: FAILED in 6 s" in text
    assert "Charge  [Task: charge] → Ship  ✓ succeeded, 3 attempts" in text
    with pytest.raises(UnknownName, match="html"):
        document_of(run, "htm")


def test_a_machine_can_be_exported_too() -> None:
    assert "Only  [Pass] (end)" in document_of(_machine(), "text").decode()
    assert b'"svg":' in document_of(_machine(), "html")


def test_the_file_and_its_ending_choose_the_format(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert export(_machine()).name == "Small.html"
    assert export(_machine(), tmp_path / "graph.mmd").read_text().startswith("stateDiagram-v2")
    assert export(_machine(), "named.txt", format="svg").read_text().startswith("<svg")
    with pytest.raises(InvalidInput, match="cannot be written"):
        export(_machine(), tmp_path / "nowhere" / "page.html")


def test_no_name_and_no_payload_can_end_its_block() -> None:
    page = document_of(hostile_run()).decode()
    blocks = re.findall(r"<script[^>]*>(.*?)</script>", page, re.DOTALL)
    assert len(blocks) == 2
    assert page.count("<script") == 2
    assert "<img src=x" not in page
    traits = json.loads(blocks[0])
    trace = read_trace(traits["trace"])
    assert any(state["name"].startswith("</script><script>") for state in trace["states"])


@pytest.fixture
def pages(browser: "Browser") -> Iterator["Page"]:
    page = browser.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: complaints.extend([request.url] if "file:" not in request.url else []))
    yield page
    page.close()
    assert complaints == []


@pytest.mark.browser
def test_the_page_shows_a_run_without_a_kernel(pages: "Page", tmp_path: Path) -> None:
    pages.goto(export(map_run(), tmp_path / "run.html").as_uri())
    pages.locator('[data-name="Pack"]').click()
    assert "Succeeded" in pages.locator(".sfn-header").inner_text()
    assert '"n"' in pages.locator(".sfn-inspector").inner_text()


@pytest.mark.browser
def test_hostile_names_are_text_on_the_page(pages: "Page", tmp_path: Path) -> None:
    dialogs: list[str] = []
    pages.on("dialog", lambda dialog: dialogs.append(dialog.message))
    pages.goto(export(hostile_run(), tmp_path / "run.html").as_uri())
    pages.locator('[data-name^="<img"]').click()
    assert "<img src=x onerror=alert(1)>" in pages.locator(".sfn-inspector").inner_text()
    assert pages.locator("img").count() == 0
    assert dialogs == []
