"""Who hears of the calls that a workspace's SDK clients make, clients that are made later too; it acts on no call."""

from dataclasses import dataclass
from typing import Any

from sfn_notebook.errors import FeatureNotSupported
from sfn_notebook.integrations.aws.endpoint import AwsConnection
from sfn_notebook.integrations.event_sources.client_watch import CallWatcher, ParameterEditor, watch_calls


@dataclass(frozen=True, kw_only=True, slots=True)
class _Watch:
    watcher: CallWatcher
    edit: ParameterEditor | None
    is_local_only: bool


class ServiceWatches:
    """One watcher for each service. It stays when the services move to another place and their clients are new."""

    def __init__(self, connection: AwsConnection) -> None:
        self._connection = connection
        self._watches: dict[str, _Watch] = {}
        self._watched: dict[str, Any] = {}
        connection.observe_clients(self._attach)

    def watch(self, service: str, watcher: CallWatcher, *, edit: ParameterEditor | None = None) -> None:
        """Tell ``watcher`` of every call of ``service``, wherever it is.

        Raises:
            FeatureNotSupported: If there is no SDK.
        """
        self._watches[service] = _Watch(watcher=watcher, edit=edit, is_local_only=False)
        self._attach(service, self._connection.client(service))

    def watch_if_local(self, service: str, watcher: CallWatcher) -> None:
        """As ``watch``, but only while the service is on this machine; nothing happens where there is no SDK."""
        self._watches.setdefault(service, _Watch(watcher=watcher, edit=None, is_local_only=True))
        try:
            self._connection.require_sdk()
        except FeatureNotSupported:
            return
        if self._connection.place.is_local:
            self._attach(service, self._connection.client(service))

    def hears(self, service: str) -> bool:
        """Whether what is sent now to ``service`` is heard of."""
        watched = self._watched.get(service)
        return watched is not None and watched is self._connection.client(service)

    def _attach(self, service: str, client: Any) -> None:
        watch = self._watches.get(service)
        if watch is None or self._watched.get(service) is client:
            return
        if not watch.is_local_only or self._connection.place.is_local:
            self._watched[service] = client
            watch_calls(client, watch.watcher, edit=watch.edit)
