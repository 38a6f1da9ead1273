"""Machines that start machines: what the parent gets, in whose time they live, and who ends with whom."""

import json
from typing import Any

import pytest

from sfn_notebook.engine.execution import Execution
from sfn_notebook.errors import InvalidInput
from sfn_notebook.functions.registry import FunctionRegistry
from sfn_notebook.workspace import Workspace

START = "arn:aws:states:::states:startExecution"


@pytest.fixture
def workspace() -> Workspace:
    made = Workspace(registry=FunctionRegistry())
    made.registry.lambda_function(name="ask")(lambda event: None)
    return made


def one(state: dict[str, Any]) -> dict[str, Any]:
    return {"StartAt": "A", "States": {"A": {**state, "End": True}}}


def starts(suffix: str = "", *, resource: str = START, name: str = "kid", **fields: Any) -> dict[str, Any]:
    parameters = {"StateMachineArn": "${Child}", "Input.$": "$", "Name": name}
    return {"Type": "Task", "Resource": resource + suffix, "Parameters": parameters, **fields}


def asks() -> dict[str, Any]:
    parameters = {"FunctionName": "ask", "Payload": {"token.$": "$$.Task.Token"}}
    return {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken", "Parameters": parameters}


WAITS_A_MINUTE = {"Type": "Wait", "Seconds": 60}


def family(
    workspace: Workspace, child: dict[str, Any], parent: dict[str, Any], input: Any = None
) -> tuple[Execution, Execution]:
    workspace.define("Child", one(child))
    parent_run = workspace.define("Parent", one(parent)).run({"n": 1} if input is None else input)
    return parent_run, workspace.execution("kid")


def types(execution: Execution) -> list[str]:
    return [event["type"].removeprefix("Task") for event in execution.history]


def test_without_a_pattern_the_parent_does_not_wait_and_the_child_runs_to_its_end(workspace: Workspace) -> None:
    parent, child = family(workspace, WAITS_A_MINUTE, starts())
    assert (parent.status, parent.ended_seconds) == ("SUCCEEDED", parent.started_seconds)
    assert parent.output["ExecutionArn"] == child.arn
    assert (child.status, child.input) == ("SUCCEEDED", {"n": 1})
    assert child.ended_seconds == child.started_seconds + 60
    assert "Submitted" not in types(parent)


def test_sync_waits_and_gives_the_output_as_text(workspace: Workspace) -> None:
    parent, child = family(workspace, WAITS_A_MINUTE, starts(".sync"))
    assert parent.ended_seconds == child.ended_seconds
    assert json.loads(parent.output["Output"]) == {"n": 1}
    assert types(parent)[2:6] == ["Scheduled", "Started", "Submitted", "Succeeded"]


def test_sync_2_gives_the_output_as_data(workspace: Workspace) -> None:
    parent, child = family(workspace, {"Type": "Pass", "Result": [1]}, starts(".sync:2"))
    assert (parent.output["Output"], parent.output["Status"]) == ([1], "SUCCEEDED")
    assert types(parent)[2:6] == ["Scheduled", "Started", "Submitted", "Succeeded"]
    assert child.started_seconds == parent.started_seconds


def test_a_child_that_fails_fails_the_task_whatever_its_own_error(workspace: Workspace) -> None:
    definition = one(starts(".sync:2", Catch=[{"ErrorEquals": ["States.TaskFailed"], "Next": "B"}]))
    definition["States"]["B"] = {"Type": "Succeed"}
    workspace.define("Child", {"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "Mine", "Cause": "why"}}})
    caught = workspace.define("Parent", definition).run({}).output
    described = json.loads(caught["Cause"])
    assert (caught["Error"], described["Error"], described["Cause"]) == ("States.TaskFailed", "Mine", "why")


def test_a_person_s_answer_to_the_child_brings_the_parent_on(workspace: Workspace) -> None:
    definition = one(starts(".sync:2", ResultSelector={"answer.$": "$.Output"}))
    del definition["States"]["A"]["End"]
    definition["States"] |= {"A": {**definition["States"]["A"], "Next": "W"}, "W": {**WAITS_A_MINUTE, "End": True}}
    workspace.define("Child", one(asks()))
    parent = workspace.define("Parent", definition).run({})
    assert parent.status == workspace.execution("kid").status == "RUNNING"
    assert [each.awaited for each in workspace.waiting()] == ["another execution", "an answer"]
    workspace.send_task_success(workspace.token_of("kid"), 42)
    assert parent.output == {"answer": 42}


def test_who_holds_the_task_s_own_token_may_answer_before_the_child_does(workspace: Workspace) -> None:
    parent, child = family(workspace, asks(), starts(".sync:2"))
    workspace.send_task_success(next(iter(parent.pending_tasks)), "by hand")
    assert (parent.output, child.status) == ("by hand", "RUNNING")
    workspace.send_task_success(workspace.token_of("kid"), 1)
    assert (parent.output, child.output) == ("by hand", 1)


def test_a_child_may_answer_its_parent_by_token(workspace: Workspace) -> None:
    answers = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:sfn:sendTaskSuccess",
        "Parameters": {"TaskToken.$": "$.token", "Output": '"from the child"'},
    }
    state = starts(".waitForTaskToken")
    del state["Parameters"]["Input.$"]
    state["Parameters"]["Input"] = {"token.$": "$$.Task.Token"}
    parent, child = family(workspace, answers, state)
    assert (parent.output, child.status) == ("from the child", "SUCCEEDED")


def test_a_child_that_is_stopped_fails_its_parent(workspace: Workspace) -> None:
    parent, child = family(workspace, asks(), starts(".sync:2"))
    child.stop(error="Enough")
    assert (child.status, parent.error) == ("ABORTED", "States.TaskFailed")
    assert json.loads(parent.cause or "")["Status"] == "ABORTED"


def test_a_parent_that_is_stopped_stops_the_child_it_waits_for(workspace: Workspace) -> None:
    parent, child = family(workspace, asks(), starts(".sync:2"))
    parent.stop()
    assert (parent.status, child.status, workspace.waiting()) == ("ABORTED", "ABORTED", [])


def test_a_parent_that_waits_no_longer_stops_the_child(workspace: Workspace) -> None:
    parent, child = family(workspace, asks(), starts(".sync:2", TimeoutSeconds=60))
    parent.resume(reach_deadlines=True)
    assert (parent.error, child.status) == ("States.Timeout", "ABORTED")
    assert child.ended_seconds == parent.ended_seconds


def test_a_child_that_was_only_started_outlives_its_parent(workspace: Workspace) -> None:
    parent, child = family(workspace, asks(), starts())
    parent.stop()
    assert (parent.status, child.status) == ("SUCCEEDED", "RUNNING")
    workspace.send_task_success(workspace.token_of("kid"), 1)
    assert child.output == 1


def test_children_of_a_map_run_side_by_side(workspace: Workspace) -> None:
    workspace.define("Child", one({"Type": "Wait", "SecondsPath": "$"}))
    parameters = {"StateMachineArn": "${Child}", "Input.$": "$"}
    state = {"Type": "Task", "Resource": START + ".sync:2", "Parameters": parameters, "OutputPath": "$.Output"}
    item = {"StartAt": "Start", "States": {"Start": {**state, "End": True}}}
    machine = workspace.define("Parent", one({"Type": "Map", "ItemProcessor": item}))
    execution = machine.run([30, 10, 20])
    assert execution.output == [30, 10, 20]
    assert execution.ended_seconds == execution.started_seconds + 30


def test_names_belong_to_their_machine(workspace: Workspace) -> None:
    workspace.define("Other", one({"Type": "Pass", "Result": "other"})).run(name="kid")
    workspace.define("Child", one({"Type": "Pass", "Result": "child"}))
    parent = workspace.define("Parent", one(starts(".sync:2"))).run()
    assert parent.output["Output"] == "child"
    arn = workspace.account.execution_arn("Child", "kid")
    assert workspace.execution(arn).output == "child"
    assert workspace.execution("kid").output == "other"


def test_a_name_that_was_used_is_refused_as_on_aws(workspace: Workspace) -> None:
    workspace.define("Child", one({"Type": "Pass"}))
    machine = workspace.define("Parent", one(starts(".sync:2")))
    machine.run()
    again = machine.run()
    assert again.error == "StepFunctions.ExecutionAlreadyExistsException"
    assert f"Execution Already Exists: '{workspace.execution('kid').arn}'" in (again.cause or "")


def test_the_same_name_and_input_join_the_child_that_runs(workspace: Workspace) -> None:
    parent, child = family(workspace, asks(), starts(".sync:2"))
    second = workspace.machine("Parent").run({"n": 1})
    other_input = workspace.machine("Parent").run({"n": 2})
    assert second.status == "RUNNING"
    assert other_input.error == "StepFunctions.ExecutionAlreadyExistsException"
    workspace.send_task_success(workspace.token_of("kid"), "for both")
    assert child.output == parent.output["Output"] == second.output["Output"] == "for both"


@pytest.mark.parametrize(
    ("parameters", "error"),
    [
        ({"StateMachineArn": "arn:aws:states:us-east-1:123456789012:stateMachine:Nobody"}, "StateMachineDoesNotExist"),
        ({"StateMachineArn": "${Child}", "Input": "{"}, "InvalidExecutionInput"),
    ],
)
@pytest.mark.parametrize("resource", [START, START + ".sync:2"])
def test_what_cannot_be_started_fails_the_task(
    workspace: Workspace, resource: str, parameters: dict[str, Any], error: str
) -> None:
    workspace.define("Child", one({"Type": "Pass"}))
    machine = workspace.define("Parent", one({"Type": "Task", "Resource": resource, "Parameters": parameters}))
    execution = machine.run()
    assert execution.error == f"StepFunctions.{error}Exception"
    assert list(workspace.executions) == ["Parent-1"]


def test_the_sdk_s_call_answers_in_its_own_letters(workspace: Workspace) -> None:
    state = starts(resource="arn:aws:states:::aws-sdk:sfn:startExecution")
    del state["Parameters"]["Input.$"]
    parent, child = family(workspace, {"Type": "Pass"}, state)
    assert parent.output == {"ExecutionArn": child.arn, "StartDate": "2026-01-01T00:00:00.000Z"}


@pytest.mark.parametrize("suffix", ["", ".sync", ".sync:2"])
def test_a_machine_that_starts_itself_ends(workspace: Workspace, suffix: str) -> None:
    parameters = {"StateMachineArn": workspace.account.state_machine_arn("Child")}
    resource = {"Type": "Task", "Resource": START + suffix, "Parameters": parameters}
    first = workspace.define("Child", one(resource)).run()
    last = workspace.execution()
    assert last.error == "StepFunctions.ExecutionLimitExceededException"
    assert first.status == ("FAILED" if suffix else "SUCCEEDED")
    assert all(each.status != "RUNNING" for each in workspace.executions.values())


def test_stopping_a_long_chain_of_waiting_machines(workspace: Workspace) -> None:
    choice = {
        "Type": "Choice",
        "Choices": [{"Variable": "$.n", "NumericGreaterThan": 300, "Next": "Ask"}],
        "Default": "Deeper",
    }
    parameters = {
        "StateMachineArn": workspace.account.state_machine_arn("Child"),
        "Input": {"n.$": "States.MathAdd($.n, 1)"},
    }
    deeper = {"Type": "Task", "Resource": START + ".sync:2", "Parameters": parameters, "End": True}
    states = {"Deep": choice, "Deeper": deeper, "Ask": {**asks(), "End": True}}
    first = workspace.define("Child", {"StartAt": "Deep", "States": states}).run({"n": 0})
    assert len(workspace.executions) == 302
    first.stop()
    assert {each.status.value for each in workspace.executions.values()} == {"ABORTED"}


def test_a_seed_reaches_the_children(workspace: Workspace) -> None:
    def drawn(seed: int) -> Any:
        session = Workspace(registry=FunctionRegistry())
        session.define("Child", one({"Type": "Pass", "Parameters": {"id.$": "States.UUID()"}}))
        return session.define("Parent", one(starts(".sync:2"))).run(seed=seed).output["Output"]

    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)


def test_observers_see_children_and_are_told_that_they_wait(workspace: Workspace) -> None:
    paused: list[str] = []

    class Watcher:
        def on_transition(self, execution: Execution, changes: Any) -> None:
            pass

        def on_end(self, execution: Execution) -> None:
            paused.append(f"{execution.name} {execution.status.value}")

    workspace.observer_factories.append(lambda execution: Watcher())
    family(workspace, asks(), starts(".sync:2"))
    assert sorted(paused) == ["Parent-1 RUNNING", "kid RUNNING"]
    workspace.send_task_success(workspace.token_of("kid"), 1)
    assert sorted(paused[2:]) == ["Parent-1 SUCCEEDED", "kid SUCCEEDED"]


SYNC = "arn:aws:states:::aws-sdk:sfn:startSyncExecution"


def express_family(workspace: Workspace, child: dict[str, Any], **fields: Any) -> tuple[Execution, Execution]:
    workspace.define("Child", one(child), type="EXPRESS")
    parent = workspace.define("Parent", one(starts(resource=SYNC, **fields))).run({"n": 1})
    return parent, workspace.execution("kid")


def test_start_sync_execution_waits_for_an_express_child_and_tells_what_it_costs(workspace: Workspace) -> None:
    parent, child = express_family(workspace, {"Type": "Wait", "Seconds": 2})
    answer = parent.output
    assert (parent.status, parent.ended_seconds) == ("SUCCEEDED", parent.started_seconds + 2)
    assert (answer["ExecutionArn"], answer["Status"], answer["Name"]) == (child.arn, "SUCCEEDED", "kid")
    assert (answer["Input"], answer["Output"]) == ('{"n":1}', '{"n":1}')
    assert answer["BillingDetails"] == {"BilledDurationInMilliseconds": 2000, "BilledMemoryUsedInMB": 64}
    assert "Submitted" not in types(parent)


def test_the_least_that_start_sync_execution_bills_is_a_tenth_of_a_second(workspace: Workspace) -> None:
    parent, _ = express_family(workspace, {"Type": "Pass"})
    assert parent.output["BillingDetails"]["BilledDurationInMilliseconds"] == 100


def test_a_failed_express_child_is_an_answer_not_an_error(workspace: Workspace) -> None:
    workspace.define(
        "Child", {"StartAt": "A", "States": {"A": {"Type": "Fail", "Error": "E", "Cause": "C"}}}, type="EXPRESS"
    )
    parent = workspace.define("Parent", one(starts(resource=SYNC))).run({})
    assert parent.status == "SUCCEEDED"
    assert (parent.output["Status"], parent.output["Error"], parent.output["Cause"]) == ("FAILED", "E", "C")
    assert "Output" not in parent.output


def test_start_sync_execution_refuses_a_standard_machine(workspace: Workspace) -> None:
    workspace.define("Child", one({"Type": "Pass"}))
    parent = workspace.define("Parent", one(starts(resource=SYNC))).run({})
    assert parent.error == "Sfn.StateMachineTypeNotSupportedException"
    assert parent.cause is not None
    assert parent.cause.startswith("This operation is not supported by this type of state machine (Service: Sfn, ")


def test_a_parent_that_times_out_stops_the_child_it_started_synchronously(workspace: Workspace) -> None:
    parent, child = express_family(workspace, WAITS_A_MINUTE, TimeoutSeconds=5)
    assert (parent.error, child.status) == ("States.Timeout", "ABORTED")


def test_an_express_machine_may_start_another_one_synchronously(workspace: Workspace) -> None:
    workspace.define("Child", one({"Type": "Pass", "Result": 7}), type="EXPRESS")
    parent = workspace.define("Parent", one(starts(resource=SYNC)), type="EXPRESS").run({})
    assert parent.output["Output"] == "7"


OTHER = "222222222222"
"""Another AWS account."""


def across(workspace: Workspace, role_arn: str | None, resource: str = START + ".sync:2") -> Execution:
    """Run a machine that starts one of another account with a role, or with its own."""
    child = workspace.in_account(OTHER).define("Child", one({"Type": "Pass", "Result": 7}))
    credentials = {} if role_arn is None else {"Credentials": {"RoleArn": role_arn}}
    parameters = {"StateMachineArn": child.arn, "Name": "kid"}
    task = {"Type": "Task", "Resource": resource, "Parameters": parameters, **credentials}
    return workspace.define("Parent", one(task)).run()


def test_a_role_of_another_account_starts_a_machine_there(workspace: Workspace) -> None:
    parent = across(workspace, f"arn:aws:iam::{OTHER}:role/partner")
    partner = workspace.in_account(OTHER)
    assert parent.output["Output"] == 7
    assert parent.output["ExecutionArn"] == f"arn:aws:states:us-east-1:{OTHER}:execution:Child:kid"
    assert list(partner.executions) == ["kid"]
    assert list(workspace.executions) == ["Parent-1"]


@pytest.mark.parametrize(
    ("resource", "error"),
    [
        (START, "StepFunctions.AWSStepFunctionsException"),
        ("arn:aws:states:::aws-sdk:sfn:startExecution", "Sfn.SfnException"),
    ],
)
def test_nobody_else_starts_a_machine_there(workspace: Workspace, resource: str, error: str) -> None:
    for role_arn in (None, workspace.account.role_arn("own")):
        parent = across(workspace, role_arn, resource)
        assert parent.error == error
        assert "is not authorized to perform: states:StartExecution" in (parent.cause or "")
    assert not workspace.in_account(OTHER).executions


def test_the_accounts_live_in_one_time_and_answer_one_another_s_tokens(workspace: Workspace) -> None:
    partner = workspace.in_account(OTHER)
    partner.registry.lambda_function(name="ask")(lambda event: None)
    definition = one(WAITS_A_MINUTE)
    definition["States"]["A"] = {**WAITS_A_MINUTE, "Next": "Ask"}
    definition["States"]["Ask"] = {**asks(), "End": True}
    arn = partner.define("Child", definition).arn
    credentials = {"RoleArn": f"arn:aws:iam::{OTHER}:role/partner"}
    task = {"Type": "Task", "Resource": START + ".sync", "Parameters": {"StateMachineArn": arn}}
    parent = workspace.define("Parent", one({**task, "Credentials": credentials})).run()
    assert partner.scheduler.now() == parent.started_seconds + 60
    workspace.send_task_success(workspace.token_of("Ask"), {"ok": True})
    assert parent.status == "SUCCEEDED"


def test_an_account_has_an_id_of_twelve_digits(workspace: Workspace) -> None:
    with pytest.raises(InvalidInput, match="twelve digits"):
        workspace.in_account("partner")
    assert workspace.in_account(OTHER) is workspace.in_account(OTHER)
    assert workspace.in_account(OTHER).in_account(workspace.account.account_id) is workspace
