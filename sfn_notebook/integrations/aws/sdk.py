"""AWS's SDK for Python and moto, imported where first used; what they do is told elsewhere."""

import importlib
import importlib.util
import os
import sys
from typing import Any, Final

from sfn_notebook.errors import FeatureNotSupported

_HINT: Final = "Install it with: pip install 'sfn_notebook[aws]'"


def sdk_module(name: str) -> Any:
    """The module ``name`` of boto3, botocore, moto or werkzeug.

    Raises:
        FeatureNotSupported: If it is not installed.
    """
    try:
        return importlib.import_module(name)
    except ImportError:
        feature = f"A service of AWS without the package {name.partition('.')[0]}"
        raise FeatureNotSupported(feature, hint=_HINT) from None


def require_installed(package: str) -> None:
    """Refuse where ``package`` is missing, without importing it.

    Raises:
        FeatureNotSupported: If it is not installed.
    """
    if package not in sys.modules and importlib.util.find_spec(package) is None:
        raise FeatureNotSupported(f"A service of AWS without the package {package}", hint=_HINT)


_UNREAD: Final = {
    name: (None, None, default, None)
    for name, default in (("profile", None), ("config_file", os.devnull), ("credentials_file", os.devnull))
}
"""Session variables under which botocore reads neither the user's files nor their AWS_PROFILE."""

MEANINGLESS: Final = "local"
"""Access key and secret of every local client: the services of this machine ask for none, and nobody's are read."""

ONE_ATTEMPT: Final = {"mode": "legacy", "total_max_attempts": 1}
"""Where nothing can fail by chance, a second attempt would only cost real seconds."""


def local_session(region: str | None = None) -> Any:
    """A boto3 session that reads nothing of the user's: no file, no profile, no credentials."""
    session = sdk_module("botocore.session").Session(session_vars=_UNREAD)
    session.set_credentials(MEANINGLESS, MEANINGLESS)
    return sdk_module("boto3.session").Session(botocore_session=session, region_name=region)


_OF_THE_MACHINE: Final = ("container-role", "iam-role")
"""Botocore's providers that ask the machine that a program runs on for its role, over the network."""


def profile_session(profile: str, region: str | None = None) -> Any:
    """A boto3 session with the credentials of a profile of the user's, and with no others.

    Where the profile has none, the role of the machine (a container's, an instance's) is not taken in their place.
    """
    session = sdk_module("boto3.session").Session(profile_name=profile, region_name=region)
    providers = session._session.get_component("credential_provider")  # noqa: SLF001 - boto3 has no other way in
    for name in _OF_THE_MACHINE:
        providers.remove(name)
    return session
