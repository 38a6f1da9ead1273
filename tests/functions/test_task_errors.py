import json

import pytest

from sfn_notebook.errors import InternalError
from sfn_notebook.functions.function import LambdaFunction
from sfn_notebook.functions.invocation import InvocationResult, invoke
from sfn_notebook.functions.task_errors import function_not_found, task_error


class CustomError(Exception):
    pass


def _failed() -> InvocationResult:
    def handler(_event: object) -> None:
        raise CustomError("zu spät")

    return invoke(LambdaFunction(handler), {}, request_id="r-1")


def test_the_error_is_the_class_and_the_cause_the_payload() -> None:
    result = _failed()
    error, cause = task_error(result)
    assert error == "CustomError"
    assert json.loads(cause) == result.payload
    assert cause.startswith('{"errorMessage":"zu spät","errorType":"CustomError","requestId":"r-1","stackTrace":["')


def test_a_direct_arn_keeps_the_spacing_of_the_runtime() -> None:
    result = _failed()
    error, cause = task_error(result, is_compact=False)
    assert error == "CustomError"
    assert json.loads(cause) == result.payload
    assert cause.startswith(
        '{"errorMessage": "zu spät", "errorType": "CustomError", "requestId": "r-1", "stackTrace": ["'
    )


def test_a_failure_without_error_type_is_lambda_unknown() -> None:
    for payload in ({"errorMessage": "timed out"}, {"errorType": ""}, {"errorType": None}, "crash", None):
        error, cause = task_error(_failed()._replace(payload=payload))
        assert error == "Lambda.Unknown"
        assert cause.startswith("The cause could not be determined because Lambda did not return an error type.")
        assert cause.endswith(json.dumps(payload, separators=(",", ":")))


def test_a_timeout_keeps_lambdas_name_for_it() -> None:
    function = LambdaFunction(lambda event: event, name="slow")
    result = invoke(function, {}, request_id="r-1")._replace(
        function_error="Unhandled",
        payload={"errorType": "Sandbox.Timedout", "errorMessage": "..."},
    )
    assert task_error(result) == ("Sandbox.Timedout", '{"errorType":"Sandbox.Timedout","errorMessage":"..."}')


def test_a_success_has_no_error() -> None:
    with pytest.raises(InternalError, match="did not fail"):
        task_error(invoke(LambdaFunction(lambda event: event, name="fine"), {}, request_id="r-1"))


def test_a_missing_function_is_reported_as_the_service_does() -> None:
    error, cause = function_not_found("arn:aws:lambda:us-east-1:123456789012:function:gone", "r-1")
    assert error == "Lambda.ResourceNotFoundException"
    assert cause == (
        "Function not found: arn:aws:lambda:us-east-1:123456789012:function:gone (Service: AWSLambda; "
        "Status Code: 404; Error Code: ResourceNotFoundException; Request ID: r-1; Proxy: null)"
    )
