import json

import pytest

from sfn_notebook.functions.configuration import FunctionConfiguration
from sfn_notebook.functions.function import LambdaFunction
from sfn_notebook.functions.lambda_context import LambdaContext, lambda_context_for


def _context(remaining_seconds: float = 3.0) -> LambdaContext:
    function = LambdaFunction(
        lambda event: event, name="charge", configuration=FunctionConfiguration(memory_megabytes=256)
    )
    return lambda_context_for(function, "req-1", lambda: remaining_seconds)


def test_the_context_has_the_attributes_of_lambdas_python_runtime() -> None:
    lambda_context = _context()
    assert lambda_context.function_name == "charge"
    assert lambda_context.function_version == "$LATEST"
    assert lambda_context.invoked_function_arn == "arn:aws:lambda:us-east-1:123456789012:function:charge"
    assert lambda_context.memory_limit_in_mb == "256"
    assert lambda_context.aws_request_id == "req-1"
    assert lambda_context.log_group_name == "/aws/lambda/charge"
    assert lambda_context.client_context is None
    assert lambda_context.identity.cognito_identity_id is None
    assert lambda_context.identity.cognito_identity_pool_id is None


def test_the_log_stream_is_the_same_at_each_run() -> None:
    assert _context().log_stream_name == _context().log_stream_name
    assert "[$LATEST]" in _context().log_stream_name


@pytest.mark.parametrize(("remaining_seconds", "milliseconds"), [(3.0, 3000), (0.0125, 12), (0.0, 0), (-5.0, 0)])
def test_remaining_time_is_whole_milliseconds_and_never_negative(remaining_seconds: float, milliseconds: int) -> None:
    assert _context(remaining_seconds).get_remaining_time_in_millis() == milliseconds


def test_log_writes_to_the_output(capsys: pytest.CaptureFixture[str]) -> None:
    _context().log({"a": 1})
    assert capsys.readouterr().out == "{'a': 1}"


def test_the_context_is_not_json_as_on_lambda() -> None:
    with pytest.raises(TypeError, match="LambdaContext is not JSON serializable"):
        json.dumps(_context())
