"""``%sfn aws``: where AWS's services are."""

import pytest

from sfn_notebook.errors import InvalidInput, UnknownName
from sfn_notebook.workspace import Workspace
from tests.magics.notebook_shell import NotebookShell


def test_the_services_are_local_until_somebody_says_otherwise(shell: NotebookShell, workspace: Workspace) -> None:
    assert repr(shell.run("%sfn aws")) == "AWS services: local"
    answer = shell.run("%sfn aws endpoint http://127.0.0.1:4566 --region eu-west-1")
    assert repr(answer) == "AWS services: endpoint http://127.0.0.1:4566"
    assert workspace.aws.place.region == "eu-west-1"
    assert repr(shell.run("%sfn aws local")) == "AWS services: local"


@pytest.mark.parametrize(
    ("line", "error", "expected"),
    [
        ("%sfn aws lokal", UnknownName, 'Did you mean "local"?'),
        ("%sfn aws endpoint", InvalidInput, "http://127.0.0.1:4566"),
        ("%sfn aws profile", InvalidInput, "needs a target"),
        ("%sfn aws endpoint localhost", InvalidInput, "no URL of an endpoint"),
    ],
)
def test_mistakes_leave_the_services_where_they_were(
    shell: NotebookShell, workspace: Workspace, line: str, error: type[Exception], expected: str
) -> None:
    with pytest.raises(error) as refused:
        shell.run(line)
    assert expected in str(refused.value)
    assert workspace.aws.place.is_local
