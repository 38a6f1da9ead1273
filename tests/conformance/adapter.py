"""Runs one recorded case through this package, for ``../shared/conformance/run_corpus.py`` and for our own tests.

It knows the protocol of the recordings and the workspace; it judges nothing.
"""

import importlib
import importlib.util
import linecache
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from sfn_notebook import _json
from sfn_notebook.engine.buckets import put_object
from sfn_notebook.errors import FeatureNotSupported, SfnNotebookError
from sfn_notebook.functions.configuration import FunctionConfiguration
from sfn_notebook.functions.function import LambdaFunction
from sfn_notebook.functions.registry import FunctionRegistry
from sfn_notebook.integrations.buckets import FolderBuckets
from sfn_notebook.runtime.ids import Account
from sfn_notebook.workspace import StateMachine, Workspace
from sfn_notebook.workspace.mock_config import MockConfig
from sfn_notebook.workspace.notebook_execution import NotebookExecution

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "conformance"
sys.path[:0] = [str(SHARED), str(Path(__file__).resolve().parent)]
api_cases = importlib.import_module("api_cases")
api_steps = importlib.import_module("api_steps")
service_setup = importlib.import_module("service_setup")

Case = dict[str, Any]

ACCOUNT = Account(account_id="111111111111")
API_KINDS = ("validation", "validate_api", "test_state")
HAS_SERVICES = all(importlib.util.find_spec(name) is not None for name in ("boto3", "moto"))


class Adapter:
    """The protocol of ``run_corpus.py``."""

    def supports(self, case: Case) -> str | None:
        """Why a case is not run, or ``None``."""
        return None if case["kind"] in API_KINDS else next(_obstacles(case), None)

    def validate(self, case: Case) -> dict[str, Any]:
        """Create a machine that AWS refuses."""
        answer: dict[str, Any] = api_cases.validate(case)
        return answer

    def validate_api(self, case: Case) -> dict[str, Any]:
        """Validate a definition."""
        answer: dict[str, Any] = api_cases.validate_api(case)
        return answer

    def test_state(self, case: Case) -> dict[str, Any]:
        """Test one state."""
        answer: dict[str, Any] = api_cases.test_state(case, _registry(case))
        return answer

    def api(self, case: Case) -> dict[str, Any]:
        """Make the recorded calls."""
        with tempfile.TemporaryDirectory() as folder:
            buckets = FolderBuckets(folder)
            workspace = Workspace(registry=_registry(case), account=ACCOUNT, buckets=buckets)
            try:
                answer: dict[str, Any] = api_steps.Replay(workspace, buckets).run(case)
            finally:
                workspace.aws.connection.stop()
        return answer

    def run(self, case: Case) -> dict[str, Any]:
        """Run an execution and tell how it ended."""
        registry = _registry(case)
        with tempfile.TemporaryDirectory() as folder:
            workspace = Workspace(registry=registry, account=ACCOUNT, buckets=_buckets(case, Path(folder)))
            try:
                return self._run(case, workspace, registry)
            finally:
                workspace.aws.connection.stop()

    def _run(self, case: Case, workspace: Workspace, registry: FunctionRegistry) -> dict[str, Any]:
        text = case.get("definition_text")
        definition = case["definition"] if text is None else text
        try:
            machine = StateMachine.from_definition(
                definition,
                name=case.get("name") or "machine",
                type=case.get("type") or "STANDARD",
                logging=case.get("logging"),
                workspace=workspace,
            )
            machine.registry = registry
            if HAS_SERVICES and case["kind"] == "execution":
                service_setup.make_services(workspace, case)
            execution = _run(workspace, machine, case)
        except FeatureNotSupported as refusal:
            return {"harness_error": f"unsupported: {refusal}"}
        except SfnNotebookError as error:
            return {"harness_error": str(error)}
        return {
            "status": execution.status.value,
            "output": _json.dump(execution.output) if execution.status == "SUCCEEDED" else None,
            "error": execution.error,
            "cause": execution.cause,
            "history": execution.get_execution_history(reverse_order=bool(case.get("reverse_order"))),
            "log_events": execution.log_events(),
            "end_log_event": execution.log_events("ALL", include_execution_data=True)[-1:],
        }


def _registry(case: Case) -> FunctionRegistry:
    registry = FunctionRegistry()
    for name, function in (case.get("functions") or {}).items():
        registry.register(_stand_in(name, function["kind"]))
    return registry


def _obstacles(case: Case) -> Iterator[str]:
    """What an execution needs and this version has not."""
    is_mocked = case["kind"] == "mocked_execution"
    if case["kind"] == "api":
        if not HAS_SERVICES:
            yield "the clients of the API need boto3"
        if "cfn-output" in case["steps"][0]["params"].get("stateMachineArn", ""):
            yield "the machine was made by a CloudFormation stack that is not recorded"
    # A mocked Task does no work, whatever its service.
    if not is_mocked and not HAS_SERVICES and service_setup.needs_services(case):
        yield "the services around the machine need boto3 and moto"
    if any(action["op"] != "stop_execution" for action in case.get("actions_while_running") or ()):
        yield "calls made while it runs need the control-plane API"


def _run(workspace: Workspace, machine: StateMachine, case: Case) -> NotebookExecution:
    """Run a case beside the machines and workers that were there when it was recorded, to its end."""
    for activity in case.get("activities") or []:
        arn = workspace.create_activity(activity["name"])
        if service_setup.was_deleted(arn, case):
            workspace.activities.delete(arn)
    for other in case.get("other_state_machines") or []:
        account_id = other["arn"].split(":")[4]
        home = workspace if account_id == ACCOUNT.account_id else workspace.in_account(account_id)
        home.define(other["name"], other["definition"], type=other.get("type") or "STANDARD")
    for background in case.get("background_executions") or []:
        helper = workspace.machine_of_arn(background["stateMachineArn"])
        assert helper is not None
        workspace.start(helper, _json.load(background["input"])).start()
    mock = None
    if case["kind"] == "mocked_execution":
        mock = MockConfig.from_value(case["mock_config"]).test_case(machine.name, case["test_case"])
    if case.get("actions_while_running"):
        # The clock stands, so that the execution is still at work when it is stopped.
        stopped = machine.run(_json.load(case["input"]), name="exec0001", clock="manual")
        stopped.stop()
        return stopped
    execution = workspace.start(
        machine,
        _json.load(case["input"]),
        name="exec0001",
        mock=mock,
        is_asynchronous=case.get("type") == "EXPRESS" and not case["sync"],
    )
    execution.run()
    service_setup.answer_as_recorded(workspace, execution, case)
    return execution


def _buckets(case: Case, folder: Path) -> FolderBuckets:
    """The buckets and objects that were there when the case was recorded."""
    buckets = FolderBuckets(folder)
    for step in case.get("setup") or []:
        if step["service"] != "s3":
            continue
        params = step["params"]
        if step["op"] == "create_bucket":
            buckets.create_bucket(params["Bucket"])
        else:
            assert step["op"] == "put_object", step["op"]
            body = params["Body"]
            content = body["__bytes__"] if isinstance(body, dict) else body
            put_object(buckets, params["Bucket"], params["Key"], content.encode())
    return buckets


def _stand_in(name: str, kind: str) -> LambdaFunction:
    configuration = FunctionConfiguration(timeout_seconds=900, duration_seconds=60.0 if kind == "sleep_60" else 0.0)
    return LambdaFunction(_HANDLERS.get(kind, _handler(kind)), name=name, configuration=configuration)


def _handler(kind: str) -> Callable[[Any], Any]:
    def handler(event: Any) -> Any:
        from lambda_kinds import invoke

        error, payload = invoke(kind, event, sleep=lambda _seconds: None)
        assert error is None, f"kind {kind} fails: it needs a handler of its own, for the stack trace"
        # A bytes result is recorded as the JSON text that the bytes hold.
        return _json.load(payload) if kind == "return_bytes" else payload

    return handler


RECORDED_FILE = "/var/task/handler.py"
_RAISE_EXCEPTION = """def handler(event, context):
    raise Exception("Some exception was raised.")
"""
_RAISE_CUSTOM_EXCEPTION = """class CustomException(Exception):
    pass





def handler(event, context):
    raise CustomException()
"""


def _recorded_handler(source: str) -> Callable[[Any], Any]:
    """Compile a handler under the file name and line numbers that the recorded stack traces show."""
    namespace: dict[str, Any] = {}
    exec(compile(source, RECORDED_FILE, "exec"), namespace)  # noqa: S102 - our own text, to get AWS's line numbers
    handler: Callable[[Any], Any] = namespace["handler"]
    return handler


# Two files of one name: the lines that raise stand at different places, so one listing shows both.
_LINES = [*_RAISE_EXCEPTION.splitlines(keepends=True), *_RAISE_CUSTOM_EXCEPTION.splitlines(keepends=True)[2:]]
linecache.cache[RECORDED_FILE] = (sum(map(len, _LINES)), None, _LINES, RECORDED_FILE)
_HANDLERS = {
    "raise_exception": _recorded_handler(_RAISE_EXCEPTION),
    "raise_custom_exception": _recorded_handler(_RAISE_CUSTOM_EXCEPTION),
}
