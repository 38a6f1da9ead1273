"""AWS services on this machine: one moto server on the loopback interface; it knows none of the services itself."""

import atexit
import json
import threading
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Final, TypeAlias
from urllib.parse import urlsplit

from sfn_notebook.integrations.aws.confined_moto import confine_moto
from sfn_notebook.integrations.aws.sdk import sdk_module

_ADDRESS: Final = "127.0.0.1"
_HOSTS: Final = frozenset({_ADDRESS, "localhost"})
"""What a request may call this server: the name of a web page's own host would be a trick."""
_SEED: Final = 0
"""moto's ids are drawn from this seed, so that a notebook that runs twice shows the same ones."""

_POLL_SECONDS: Final = 0.02
"""How often the server looks whether it shall stop: so long does stopping take at most."""

_Environ: TypeAlias = dict[str, Any]
_Start: TypeAlias = Callable[..., Any]


class LocalServer:
    """A moto server on a port of its own, in a thread of its own, from ``start`` to ``stop`` or the process's end."""

    def __init__(self) -> None:
        self._server: Any = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str | None:
        """Where it listens, or ``None`` while it does not."""
        return None if self._server is None else f"http://{_ADDRESS}:{self._server.server_address[1]}"

    def start(self) -> str:
        """Begin to listen, unless it does already, and return the URL.

        Raises:
            FeatureNotSupported: If moto's server is not installed.
        """
        if self._server is None:
            moto = sdk_module("moto.server")
            serving = sdk_module("werkzeug.serving")
            confine_moto()
            _forget_everything()
            application = _guarded(moto.DomainDispatcherApplication(moto.create_backend_app))
            handler = type("QuietHandler", (moto.MotoRequestHandler,), {"log": lambda *_arguments: None})
            self._server = serving.make_server(_ADDRESS, 0, application, threaded=True, request_handler=handler)
            self._server.daemon_threads = True
            serve = partial(self._server.serve_forever, poll_interval=_POLL_SECONDS)
            self._thread = threading.Thread(target=serve, name="sfn-notebook-aws", daemon=True)
            self._thread.start()
            atexit.register(self.stop)
        return str(self.url)

    def stop(self) -> None:
        """Listen no more; everything that the services held is forgotten."""
        server, self._server = self._server, None
        if server is None:
            return
        atexit.unregister(self.stop)
        server.shutdown()
        server.server_close()
        if self._thread is not None:
            self._thread.join()
        _forget_everything()


def _forget_everything() -> None:
    """Moto keeps one state per process, and one source of ids, whichever server was asked."""
    sdk_module("moto.moto_api._internal.models").moto_api_backend.reset()
    sdk_module("moto.moto_api._internal").mock_random.seed(_SEED)


def _guarded(application: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
    """``application`` for programs only, and a fault of moto's as an answer.

    moto lets every web page in, and a page may find the port, or have a name of its own lead to this machine. Its
    faults would be printed into the notebook.
    """

    def guarded(environ: _Environ, start_response: _Start) -> Iterable[bytes]:
        host = urlsplit(f"//{environ.get('HTTP_HOST', '')}").hostname
        if "HTTP_ORIGIN" in environ or host not in _HOSTS:
            start_response("403 Forbidden", [("Content-Type", "text/plain")])
            return [b"Web pages have no access."]
        try:
            return application(environ, start_response)
        except Exception as error:  # noqa: BLE001 - whatever breaks in moto, the call has failed
            text = f"moto could not answer: {type(error).__name__}: {error}"
            start_response("500 Internal Server Error", [("Content-Type", "application/json")])
            return [json.dumps({"__type": "InternalFailure", "message": text}).encode()]

    return guarded
