"""Recorded executions that this version does not reproduce, each with its reason; they run as strict xfail."""

import importlib.util

REDRIVE_COUNT = (
    "recorded in October 2023, before the Context Object had Execution.RedriveCount; newer recordings have it"
)

REDRIVE_STATUS = (
    "recorded in June 2023, before DescribeExecution told of redrives; newer recordings have the three fields"
)

SERVICE_MODELS = (
    "the mocked answer of an AWS SDK integration is checked against botocore's service model, and botocore is not "
    "installed here"
)
NEWER_MODEL = "botocore's present model of Lambda allows more memory than the one that AWS checked by in November 2025"
START_DATE = (
    "the recorder wrote texts in the place of StartDate and StopDate, which are numbers: no number compares equal to "
    "them"
)

_CREDENTIALS = (
    "credentials/test_credentials_base.py::TestCredentialsBase::test_cross_account_states_start_sync_execution"
)
_CALLBACK = "callback/test_callback.py::TestCallback::"
LAST_MODIFIED = (
    "the recorder wrote a text in the place of LastModified, which is a number: no number compares equal to it"
)

ENCRYPTION = (
    "recorded before DescribeStateMachine told of encryptionConfiguration: none recorded up to June 2024 has it, every "
    "one recorded since November 2024 has"
)
LOG_GROUP = (
    ENCRYPTION + "; and the recorder wrote log_group_name for the name of the log group, which is none of the tokens"
)
API_HEADERS = (
    "the recorder wrote texts in the place of header values, which are lists, and the API stood behind CloudFront, "
    "whose headers a local API does not have"
)
_API = "test_sfn_api"
_BEFORE_ENCRYPTION = (
    *(
        f"{_API}.py::TestSnfApi::test_{name}"
        for name in (
            "create_duplicate_definition_format_sm",
            "create_exact_duplicate_sm",
            "create_update_state_machine_same_parameters",
            "describe_sm_arn_containing_punctuation",
            "describe_state_machine_for_execution",
        )
    ),
    *(
        f"{_API}_logs.py::TestSnfApiLogs::test_{name}"
        for name in (
            "incomplete_logging_configuration[logging_configuration0]",
            "incomplete_logging_configuration[logging_configuration1]",
        )
    ),
    *(
        f"{_API}_versioning.py::TestSnfApiVersioning::test_{name}"
        for name in (
            "create_publish_describe_with_version_description",
            "describe_state_machine_for_execution_of_version",
            "describe_state_machine_for_execution_of_version_with_revision",
            "publish_state_machine_version",
        )
    ),
)
_WITH_LOG_GROUP = tuple(
    f"{_API}_logs.py::TestSnfApiLogs::test_logging_configuration[{level}]"
    for level in ("ALL-False", "FATAL-False", "FATAL-True")
)
_API_GATEWAY = "services/test_apigetway_task_service.py::TestTaskApiGateway::test_invoke_with_"

_SCENARIOS = "scenarios/test_base_scenarios.py::TestBaseScenarios::"
_VALIDATION_MODES = (
    "test_state/test_field_validation_mode.py::TestFieldValidationMode::test_strict_mode_",
    "test_state/test_field_validation_mode_present.py::TestFieldValidationModePresent::test_present_mode_",
)
_NEWER = "aws_sdk_lambda_get_function_task[integer_more_than_maximum_allowed]"
_MODELLED = (
    "aws_sdk_s3_task[wrong_long_type_string]",
    "aws_sdk_s3_task[non_existent_enum_value]",
    "aws_sdk_kms_task[wrong_blob_type_number]",
    "aws_sdk_kms_task[wrong_blob_length_less_than_minimum]",
    "aws_sdk_lambda_get_function_task[integer_less_than_minimum_allowed]",
    _NEWER,
)


def _unmodelled() -> dict[str, dict[str, str]]:
    """Mocked answers that cannot be checked, with botocore and without it."""
    has_models = importlib.util.find_spec("botocore") is not None
    reason = NEWER_MODEL if has_models else SERVICE_MODELS
    names = (_NEWER,) if has_models else _MODELLED
    return {
        f"{mode}{name}#validation-exception": {"L1": reason, "L3": reason}
        for mode in _VALIDATION_MODES
        for name in names
    }


def _of_services() -> dict[str, dict[str, str]]:
    """Gaps of cases that are run only where boto3 and moto are."""
    if any(importlib.util.find_spec(name) is None for name in ("boto3", "moto")):
        return {}
    outdated = dict.fromkeys(_BEFORE_ENCRYPTION, ENCRYPTION) | dict.fromkeys(_WITH_LOG_GROUP, LOG_GROUP)
    return {f"{name}#api": {"L3": reason} for name, reason in outdated.items()} | {
        f"{_API_GATEWAY}{name}#get_execution_history": {"L1": API_HEADERS, "L3": API_HEADERS}
        for name in ("body_post[]", "body_post[None]", "headers[custom_header1]", "headers[custom_header2]")
    }


KNOWN_GAPS: dict[str, dict[str, str]] = {
    f"{_SCENARIOS}test_lambda_invoke_with_retry_extended_input#get_execution_history": {"L3": REDRIVE_COUNT},
    f"{_SCENARIOS}test_lambda_service_invoke_with_retry_extended_input#get_execution_history": {"L3": REDRIVE_COUNT},
    **{
        f"{_CALLBACK}{name}#get_execution_history": {"L1": REDRIVE_STATUS, "L3": REDRIVE_STATUS}
        for name in (
            "test_start_execution_sync",
            "test_start_execution_sync2",
            "test_start_execution_sync_delegate_failure",
        )
    },
    f"{_SCENARIOS}test_map_item_reader_base_list_objects_v2#get_execution_history": {
        "L1": LAST_MODIFIED,
        "L3": LAST_MODIFIED,
    },
    **_unmodelled(),
    **_of_services(),
    **{
        f"{_CREDENTIALS}[SFN_START_EXECUTION_SYNC_ROLE_ARN_{language}]#get_execution_history": {
            "L1": START_DATE,
            "L3": START_DATE,
        }
        for language in ("JSONATA", "INTRINSIC")
    },
}
"""Case id -> level -> reason."""
