"""The AWS accounts that a notebook plays, each with a workspace of its own; what runs in them it does not know."""

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from sfn_notebook.errors import InvalidInput
from sfn_notebook.functions.registry import FunctionRegistry

if TYPE_CHECKING:
    from sfn_notebook.workspace.workspace import Workspace

_ACCOUNT_ID: Final = re.compile(r"\d{12}")
_PLACE_OF_ID: Final = 4
"""Where an ARN tells the account: ``arn:partition:service:region:account:...``."""


class Accounts:
    """Workspaces by account id: that of the notebook, and those made beside it, which live in its time."""

    def __init__(self, home: "Workspace") -> None:
        self._workspaces = {home.account.account_id: home}

    def __len__(self) -> int:
        return len(self._workspaces)

    def of_arn(self, arn: str) -> "Workspace | None":
        """The workspace of the account that an ARN tells, if there is one."""
        parts = arn.split(":")
        return self._workspaces.get(parts[_PLACE_OF_ID]) if len(parts) > _PLACE_OF_ID else None

    def workspace(self, account_id: str, *, beside: "Workspace") -> "Workspace":
        """The workspace of an account; made when first asked for, in the time and the region of ``beside``.

        Raises:
            InvalidInput: If ``account_id`` is not twelve digits.
        """
        if not _ACCOUNT_ID.fullmatch(account_id):
            raise InvalidInput(f"{account_id!r} is no account id.", hint='Write twelve digits: "222222222222".')
        found = self._workspaces.get(account_id)
        if found is None:
            found = self._workspaces[account_id] = type(beside)(
                registry=FunctionRegistry(),
                scheduler=beside.scheduler,
                account=replace(beside.account, account_id=account_id),
                buckets=beside.buckets,
            )
            found.accounts, found.tokens, found.turn = self, beside.tokens, beside.turn
            found.aws.connection.share_server(beside.aws.connection)
            found.source_name, found.observer_factories = beside.source_name, beside.observer_factories
        return found
