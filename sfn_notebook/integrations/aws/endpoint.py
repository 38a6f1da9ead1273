"""Where AWS's services are: on this machine, at an endpoint, or in an account; it makes clients and calls nothing.

Nothing but this machine is ever spoken to before somebody has named an endpoint or a profile in this process.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from sfn_notebook.errors import InvalidInput
from sfn_notebook.integrations.aws.failures import client_errors
from sfn_notebook.integrations.aws.local_server import LocalServer
from sfn_notebook.integrations.aws.sdk import (
    MEANINGLESS,
    ONE_ATTEMPT,
    local_session,
    profile_session,
    require_installed,
    sdk_module,
)
from sfn_notebook.runtime.ids import DEFAULT_ACCOUNT, Account


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where the services are. All empty: on this machine."""

    endpoint_url: str | None = None
    profile: str | None = None
    region: str | None = None

    @property
    def is_local(self) -> bool:
        """Whether this is the server on this machine."""
        return self.endpoint_url is None and self.profile is None

    def __str__(self) -> str:
        if self.is_local:
            return "local"
        words = [] if self.endpoint_url is None else [f"endpoint {self.endpoint_url}"]
        words += [] if self.profile is None else [f"profile {self.profile}"]
        return ", ".join(words)


class AwsConnection:
    """Makes SDK clients for the place that was chosen last; local at first.

    ``say`` is told, once after an endpoint or a profile was named and before anything else is called there, which
    account that is. Credentials are in no text that this class makes.
    """

    def __init__(self, account: Account = DEFAULT_ACCOUNT, *, say: Callable[[str], None] = print) -> None:
        self._account = account
        self._say = say
        self._server = LocalServer()
        self.place = Place()
        self._session: Any = None
        self._clients: dict[str, Any] = {}
        self._is_announced = False
        self._observers: list[Callable[[str, Any], None]] = []

    def __repr__(self) -> str:
        return f"<AWS: {self.place}>"

    @property
    def local_url(self) -> str | None:
        """The URL of the local server while it runs."""
        return self._server.url

    @property
    def is_in_use(self) -> bool:
        """Whether there are services to speak to: elsewhere always, on this machine once the server has started."""
        return not self.place.is_local or self._server.url is not None

    def observe_clients(self, observer: Callable[[str, Any], None]) -> None:
        """Tell ``observer`` of every client that is made from now on, and of which service it is."""
        self._observers.append(observer)

    def share_server(self, other: "AwsConnection") -> None:
        """Have the same server on this machine as ``other``: one holds the resources of all accounts."""
        self._server = other._server  # noqa: SLF001 - of the same class

    def use_local(self) -> None:
        """Let the services be on this machine; the server starts with the first call."""
        self._go_to(Place())

    def use_endpoint(self, url: str, *, profile: str | None = None, region: str | None = None) -> None:
        """Let the services be at ``url``, such as a LocalStack; with no profile, the credentials are meaningless.

        Raises:
            InvalidInput: If ``url`` is no http or https URL, or there is no such profile.
        """
        if not url.startswith(("http://", "https://")) or len(url.partition("://")[2]) == 0 or "@" in url:
            hint = "Write http://HOST:PORT or https://HOST, with no user name in it."
            raise InvalidInput("that is no URL of an endpoint.", hint=hint)
        if profile is not None:
            _require_profile(profile)
        self._go_to(Place(endpoint_url=url, profile=profile, region=region))

    def use_profile(self, name: str, *, region: str | None = None) -> None:
        """Let the services be those of the account of a profile in the user's AWS configuration.

        Raises:
            InvalidInput: If there is no such profile.
        """
        _require_profile(name)
        self._go_to(Place(profile=name, region=region))

    def _go_to(self, place: Place) -> None:
        self.place, self._session, self._is_announced = place, None, False
        self._clients.clear()

    def client(self, service: str) -> Any:
        """The boto3 client of a service, by boto3's name; the same one every time.

        Raises:
            FeatureNotSupported: If boto3, or for a local service moto, is not installed.
        """
        if service not in self._clients:
            self._announce()
            client = self._clients[service] = self._make(service)
            for observer in self._observers:
                observer(service, client)
        return self._clients[service]

    def require_sdk(self) -> None:
        """Refuse before anything runs where a client could not be made.

        Raises:
            FeatureNotSupported: If boto3, or for local services moto, is not installed.
        """
        for name in ("boto3", "moto") if self.place.is_local else ("boto3",):
            require_installed(name)

    def credentials(self) -> Any:
        """Botocore's credentials of the place, for requests that no client makes; ``None`` where there are none."""
        if self._session is None:
            self._announce()
            self._session = self._session_at(self.place)
        return self._session.get_credentials()

    def redacted(self, text: str) -> str:
        """``text`` without the credentials, should a service have repeated them."""
        credentials = None if self._session is None or self.place.is_local else self._session.get_credentials()
        if credentials is not None:
            for secret in (credentials.access_key, credentials.secret_key, credentials.token):
                if secret and secret != MEANINGLESS:
                    text = text.replace(secret, "***")
        return text

    def stop(self) -> None:
        """Stop the local server, if it runs, and forget all clients."""
        self._clients.clear()
        self._server.stop()

    def _make(self, service: str) -> Any:
        place = self.place
        if self._session is None:
            self._session = self._session_at(place)
        config = sdk_module("botocore.config").Config(user_agent_extra="sfn_notebook")
        if place.is_local:
            # A proxy of the environment must not see what stays on this machine.
            local = sdk_module("botocore.config").Config(
                proxies={},
                s3={"addressing_style": "path"},
                retries=ONE_ATTEMPT,
            )
            url = self._server.start()
            client = self._session.client(service, endpoint_url=url, config=config.merge(local))
            client.meta.events.register("before-sign", partial(self._address_locally, url))
            return client
        if place.endpoint_url is not None:
            # A bucket's name in front of such a host would be a host that is not there.
            config = config.merge(sdk_module("botocore.config").Config(s3={"addressing_style": "path"}))
        client = self._session.client(service, endpoint_url=place.endpoint_url, config=config)
        client.meta.events.register("after-call", self._redact_error)
        return client

    def _address_locally(self, url: str, request: Any, **_details: Any) -> None:
        if self._server.url != url:
            hint = 'Make a new one with workspace.client("SERVICE"). What the services held is gone.'
            raise InvalidInput("this client's services on this machine were stopped.", hint=hint)
        request.headers["x-moto-account-id"] = self._account.account_id

    def _redact_error(self, parsed: Any, **_details: Any) -> None:
        """A service may repeat what was signed, a session token among it: no exception shows that."""
        error = parsed.get("Error") if isinstance(parsed, dict) else None
        if isinstance(error, dict) and isinstance(error.get("Message"), str):
            error["Message"] = self.redacted(error["Message"])

    def _session_at(self, place: Place) -> Any:
        region = place.region or (None if place.profile else self._account.region)
        if place.profile is None:
            return local_session(region)
        session = profile_session(place.profile, region)
        return session if session.region_name is not None else profile_session(place.profile, self._account.region)

    def _announce(self) -> None:
        """Say whose account the next call goes to; local calls go to nobody's."""
        if self._is_announced or self.place.is_local:
            return
        self._is_announced = True
        # An endpoint of one service alone, such as a local DynamoDB, answers something that is no answer of STS.
        unreadable = sdk_module("botocore.parsers").ResponseParserError
        try:
            account = self._make("sts").get_caller_identity()["Account"]
        except (*client_errors(), unreadable, KeyError) as error:
            self._say(f"AWS calls go to {self.place}; its account is not known ({type(error).__name__}).")
            return
        self._say(f"AWS calls go to account {account} ({self.place}).")


def _require_profile(name: str) -> None:
    known = sdk_module("botocore.session").Session().available_profiles
    if name not in known:
        hint = f"There is {', '.join(known)}." if known else "Make one with: aws configure"
        raise InvalidInput(f"no AWS profile named {name!r}.", hint=hint)
