"""Tells of the calls that an SDK client makes, with their parameters and answers; it makes none itself."""

from collections.abc import Callable, Mapping, MutableMapping
from typing import Any, Final, TypeAlias

CallWatcher: TypeAlias = Callable[[str, Mapping[str, Any], Mapping[str, Any]], None]
"""Gets the operation's name, the parameters and the answer of a call that went well."""

ParameterEditor: TypeAlias = Callable[[str, MutableMapping[str, Any]], None]
"""Gets the operation's name and the parameters of a call that is about to be made, and may change these."""

_PARAMETERS: Final = "sfn_notebook_parameters"


def watch_calls(client: Any, watcher: CallWatcher, *, edit: ParameterEditor | None = None) -> None:
    """Tell ``watcher`` of every call of a boto3 client that goes well.

    It gets the parameters as the caller gave them; ``edit`` may change what is sent.
    """
    service = client.meta.service_model.service_id.hyphenize()

    def note(params: dict[str, Any], model: Any, context: dict[str, Any], **_details: Any) -> None:
        context[_PARAMETERS] = dict(params)
        if edit is not None:
            edit(model.name, params)

    def tell(
        http_response: Any, parsed: Mapping[str, Any], model: Any, context: dict[str, Any], **_details: Any
    ) -> None:
        if http_response.status_code < 300:
            watcher(model.name, context.get(_PARAMETERS, {}), parsed)

    client.meta.events.register(f"before-parameter-build.{service}", note)
    client.meta.events.register(f"after-call.{service}", tell)
