"""Every snippet of the pages for authors runs as it stands, in the order of the page, in one notebook."""

import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from sfn_notebook.functions.registry import default_registry
from sfn_notebook.magics import extension
from sfn_notebook.workspace import Workspace, workspace
from tests.magics.conftest import bare_shell as bare_shell  # noqa: PLC0414 - a fixture of another folder
from tests.magics.notebook_shell import NotebookShell

ROOT = Path(__file__).resolve().parents[2]
_HAS_SERVICES = all(importlib.util.find_spec(name) is not None for name in ("boto3", "moto"))
PAGES = (
    "README.md",
    "docs/getting-started.md",
    "docs/execution-view.md",
    "docs/invocation.md",
    "docs/event-sources.md",
    "docs/interactions.md",
    pytest.param(
        "docs/services.md",
        marks=pytest.mark.skipif(not _HAS_SERVICES, reason="the services need the extra [aws]: boto3 and moto"),
    ),
)
_FENCE = re.compile(r"^```(?P<language>\w*)\n(?P<code>.*?)^```$", re.DOTALL | re.MULTILINE)


def snippets(page: str) -> list[str]:
    """The page's cells: blocks of Python, and blocks that begin with a magic; commands of a shell are left out."""
    blocks = _FENCE.finditer((ROOT / page).read_text(encoding="utf-8"))
    return [each["code"] for each in blocks if each["language"] == "python" or each["code"].startswith("%")]


@pytest.fixture
def shell(bare_shell: NotebookShell, monkeypatch: pytest.MonkeyPatch) -> Iterator[NotebookShell]:
    """A notebook in a kernel of its own, in which nothing is defined yet."""
    default_registry().clear()
    monkeypatch.setattr(workspace, "_current", [Workspace()])
    yield bare_shell
    extension.unload(bare_shell)
    default_registry().clear()


@pytest.mark.parametrize("page", PAGES)
def test_a_page_s_snippets_run(shell: NotebookShell, page: str) -> None:
    cells = snippets(page)
    assert len(cells) >= 4
    for cell in cells:
        # IPython's parser of top-level magics wants no blank line before a cell magic.
        shell.run(cell.rstrip("\n"))


@pytest.mark.parametrize("page", PAGES)
def test_what_a_comment_says_is_what_comes_out(shell: NotebookShell, page: str) -> None:
    claims = 0
    for cell in snippets(page):
        shell.run(cell.rstrip("\n"))
        for line in cell.splitlines():
            expression, marked, shown = line.partition("# ")
            if marked and shown[:1] in {"{", "["} and "=" not in expression:
                claims += 1
                assert repr(shell.run(expression.strip())) == shown
    assert claims
