"""Lambda's destinations that lead on to other functions: what is sent is kept, and routed; it decides no route."""

from collections.abc import Callable

from sfn_notebook._json import JSONObject
from sfn_notebook.functions.deliveries import DestinationTarget


class RoutedDeliveries:
    """Hands what is delivered to ``target``, and then to ``route``."""

    def __init__(self, target: DestinationTarget, route: Callable[[str, JSONObject], None]) -> None:
        self._target = target
        self._route = route

    def deliver(self, arn: str, record: JSONObject) -> None:
        """Deliver it, and route it."""
        self._target.deliver(arn, record)
        self._route(arn, record)
