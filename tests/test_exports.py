"""What ``import sfn_notebook`` gives: exactly the promised names, each from where it lives."""

import subprocess
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

import sfn_notebook
from sfn_notebook import errors
from sfn_notebook.functions import lambda_errors

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize("name", sfn_notebook.__all__)
def test_every_promised_name_is_there(name: str) -> None:
    value = getattr(sfn_notebook, name)
    assert name in dir(sfn_notebook)
    if isinstance(value, type):
        home = import_module(value.__module__)
        assert getattr(home, name) is value


@pytest.mark.parametrize("module", [errors, lambda_errors])
def test_every_error_is_exported(module: ModuleType) -> None:
    raised = {
        name
        for name, value in vars(module).items()
        if isinstance(value, type) and issubclass(value, Exception) and value.__module__ == module.__name__
    }
    assert raised <= set(sfn_notebook.__all__)


def test_all_is_sorted_and_has_nothing_twice() -> None:
    assert list(sfn_notebook.__all__) == sorted(set(sfn_notebook.__all__))


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="StateMachin"):
        _ = sfn_notebook.StateMachin
    assert not hasattr(sfn_notebook, "__wrapped__")


def test_a_star_import_works_without_ipython() -> None:
    program = (
        "import sys; sys.modules['IPython'] = None\n"
        "from sfn_notebook import *\n"
        "definition = {'StartAt': 'A', 'States': {'A': {'Type': 'Pass', 'End': True}}}\n"
        "machine = StateMachine.from_definition(definition, name='M')\n"
        "print(machine.run({'a': 1}).result())"
    )
    ran = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-W", "error", "-c", program],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ran.stdout == "{'a': 1}\n", ran.stderr
