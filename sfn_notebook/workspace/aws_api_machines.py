"""Calls of the Step Functions API about state machines, their versions, aliases and tags; it runs nothing.

Source: Step Functions API reference; recorded answers.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from sfn_notebook._json import JSONObject
from sfn_notebook.errors import DefinitionError, InvalidInput
from sfn_notebook.workspace.aws_api_arns import page_of, read_arn, unmet, with_page
from sfn_notebook.workspace.aws_machine_records import (
    INITIAL,
    Alias,
    MachineRecord,
    MachineRecords,
    Target,
    Version,
    parameters_of,
)
from sfn_notebook.workspace.aws_variable_references import variable_references
from sfn_notebook.workspace.definition_checks import require_creatable
from sfn_notebook.workspace.machine import StateMachine, read
from sfn_notebook.workspace.service_errors import ServiceError, validation_error

if TYPE_CHECKING:
    from sfn_notebook.workspace.workspace import Workspace

_CONFIGURATIONS: Final[Mapping[str, JSONObject]] = {
    "loggingConfiguration": {"includeExecutionData": False, "level": "OFF"},
    "tracingConfiguration": {"enabled": False},
    "encryptionConfiguration": {"type": "AWS_OWNED_KEY"},
}
"""What a machine has that was made without them."""

_UPDATABLE: Final = ("definition", "roleArn", *_CONFIGURATIONS)
_MAX_TAGS: Final = 50


class MachineCalls:
    """CreateStateMachine and its like, on the machines of a workspace."""

    def __init__(self, workspace: "Workspace", records: MachineRecords) -> None:
        self._workspace = workspace
        self._records = records

    def create(self, request: JSONObject) -> JSONObject:
        """CreateStateMachine."""
        existing = {record.machine.name: record.request for record in self._records.all()}
        self._require_creatable(request, existing)
        record = self._records.find(request["name"])
        if record is None:
            machine = self._machine(request)
            now_seconds = self._records.now()
            record = MachineRecord(machine=machine, request=dict(request), created_seconds=now_seconds)
            record.tags = {tag["key"]: tag.get("value", "") for tag in request.get("tags") or ()}
            self._records.keep(record)
        answer: JSONObject = {"stateMachineArn": record.machine.arn, "creationDate": record.created_seconds}
        if request.get("publish"):
            version = record.publish(record.created_seconds, request.get("versionDescription"))
            answer["stateMachineVersionArn"] = record.version_arn(version.number)
        return answer

    def update(self, request: JSONObject) -> JSONObject:
        """UpdateStateMachine."""
        record = self._records.unqualified(request["stateMachineArn"])
        changes = parameters_of(request, *_UPDATABLE)
        if not changes:
            text = (
                "Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration must be "
                "specified"
            )
            raise ServiceError("MissingRequiredParameter", text)
        changed = record.request | changes
        now_seconds = self._records.now()
        if changed != record.request:
            self._require_creatable(changed | {"versionDescription": None}, {})
            record.machine = self._machine(changed)
            record.request, record.revision_id = changed, self._records.fresh_id()
            self._records.keep(record)
        answer: JSONObject = {"updateDate": now_seconds}
        if record.revision_id is not None:
            answer["revisionId"] = record.revision_id
        if request.get("publish"):
            version = record.publish(now_seconds, request.get("versionDescription"))
            answer["stateMachineVersionArn"] = record.version_arn(version.number)
        return answer

    def delete(self, request: JSONObject) -> JSONObject:
        """DeleteStateMachine; of a machine that is not there, too."""
        arn = read_arn(request["stateMachineArn"], "stateMachine")
        self._records.remove(arn.name)
        return {}

    def list_all(self, request: JSONObject) -> JSONObject:
        """ListStateMachines."""
        records, token = page_of(self._records.all(), request)
        entries = [
            {
                "stateMachineArn": record.machine.arn,
                "name": record.machine.name,
                "type": record.machine.type,
                "creationDate": record.created_seconds,
            }
            for record in records
        ]
        return with_page("stateMachines", entries, token)

    def describe(self, request: JSONObject) -> JSONObject:
        """DescribeStateMachine, of a version or by an alias too."""
        target = self._records.target(request["stateMachineArn"])
        version = target.version
        described = described_machine(target) | {
            "creationDate": target.record.created_seconds if version is None else version.created_seconds,
            "status": "ACTIVE",
            "type": target.machine.type,
        }
        if version is not None:
            described["stateMachineArn"] = target.record.version_arn(version.number)
            if version.description is not None:
                described["description"] = version.description
        return described

    def _machine(self, request: JSONObject) -> StateMachine:
        try:
            machine = StateMachine(
                read(request["definition"]),
                name=request["name"],
                workspace=self._workspace,
                registry=self._workspace.registry,
                type=request.get("type") or "STANDARD",
                logging=request.get("loggingConfiguration"),
            )
        except DefinitionError as error:
            raise ServiceError("InvalidDefinition", f"Invalid State Machine Definition: '{error.message}'") from None
        except InvalidInput as error:
            raise ServiceError("InvalidName", f"Invalid Name: '{request['name']}'", hint=error.message) from None
        machine.identity = replace(machine.identity, role_arn=request["roleArn"])
        return machine

    def _require_creatable(self, request: JSONObject, existing: Mapping[str, Mapping[str, Any]]) -> None:
        logging = request.get("loggingConfiguration") or {}
        groups: list[str] = []
        if logging.get("level", "OFF") != "OFF" and logging.get("destinations"):
            client = self._workspace.client("logs")
            pages = client.get_paginator("describe_log_groups").paginate()
            groups = [group["arn"].removesuffix(":*") for page in pages for group in page["logGroups"]]
        require_creatable(request, existing=existing, log_groups=groups, account=self._workspace.account)

    def publish(self, request: JSONObject) -> JSONObject:
        """PublishStateMachineVersion."""
        record = self._records.unqualified(request["stateMachineArn"])
        current = record.revision_id or INITIAL
        wanted = request.get("revisionId")
        if wanted not in (None, current):
            text = (
                f"Failed to publish the State Machine version for revision {wanted}. "
                f"The current State Machine revision is {current}."
            )
            raise ServiceError("ConflictException", text)
        version = record.publish(self._records.now(), request.get("description"))
        return {
            "creationDate": version.created_seconds,
            "stateMachineVersionArn": record.version_arn(version.number),
        }

    def list_versions(self, request: JSONObject) -> JSONObject:
        """ListStateMachineVersions, the latest first."""
        record = self._records.unqualified(request["stateMachineArn"])
        latest_first: list[Version] = [record.versions[number] for number in sorted(record.versions, reverse=True)]
        versions, token = page_of(latest_first, request)
        entries = [
            {"stateMachineVersionArn": record.version_arn(each.number), "creationDate": each.created_seconds}
            for each in versions
        ]
        return with_page("stateMachineVersions", entries, token)

    def delete_version(self, request: JSONObject) -> JSONObject:
        """DeleteStateMachineVersion; of one that is not there, too."""
        arn = read_arn(request["stateMachineVersionArn"], "stateMachine")
        if arn.qualifier is None or not arn.qualifier.isdecimal():
            raise validation_error(f"The specified resource is not a state machine version ARN: {arn.text}")
        record = self._records.find(arn.name)
        if record is not None:
            used = [alias.name for alias in record.aliases.values() if arn.text in _versions_of(alias.routes)]
            if used:
                text = (
                    "Version to be deleted must not be referenced by an alias. "
                    f"Current list of aliases referencing this version: [{', '.join(used)}]"
                )
                raise ServiceError("ConflictException", text)
            record.versions.pop(int(arn.qualifier), None)
        return {}

    def create_alias(self, request: JSONObject) -> JSONObject:
        """CreateStateMachineAlias."""
        routes = request["routingConfiguration"]
        record = self._routed(routes)
        name, now_seconds = request["name"], self._records.now()
        if name.isdecimal():
            raise unmet(
                "name",
                name,
                "Member must satisfy regular expression pattern: ^(?=.*[a-zA-Z_\\-\\.])[a-zA-Z0-9_\\-\\.]+$",
            )
        alias = record.aliases.get(name)
        if alias is not None and (alias.routes, alias.description) != (routes, request.get("description")):
            text = (
                "Failed to create alias because an alias with the same name and a different routing configuration "
                "already exists."
            )
            raise ServiceError("ConflictException", text)
        if alias is None:
            alias = record.aliases[name] = Alias(
                name=name,
                description=request.get("description"),
                routes=list(routes),
                created_seconds=now_seconds,
                updated_seconds=now_seconds,
            )
        return {"stateMachineAliasArn": record.alias_arn(name), "creationDate": alias.created_seconds}

    def _routed(self, routes: list[JSONObject]) -> MachineRecord:
        """The one machine whose versions an alias leads to.

        Raises:
            ServiceError: ``ValidationException`` or ``ResourceNotFound``.
        """
        arns = [read_arn(text, "stateMachine") for text in _versions_of(routes)]
        if any(arn.qualifier is None or not arn.qualifier.isdecimal() for arn in arns):
            received = ", ".join(arn.text for arn in arns)
            raise validation_error(
                f"Routing configuration must contain state machine version ARNs. Received: [{received}]"
            )
        if len({arn.unqualified for arn in arns}) != 1 or len({arn.text for arn in arns}) != len(arns):
            raise validation_error("Routing configuration must contain different versions of one state machine.")
        if sum(route["weight"] for route in routes) != 100:
            raise validation_error("Sum of routing configuration weights must equal 100.")
        record = self._records.find(arns[0].name)
        if record is None or any(int(str(arn.qualifier)) not in record.versions for arn in arns):
            raise ServiceError("ResourceNotFound", "Request references a resource that does not exist.")
        return record

    def update_alias(self, request: JSONObject) -> JSONObject:
        """UpdateStateMachineAlias."""
        record, alias = self._records.alias(request["stateMachineAliasArn"])
        if request.get("routingConfiguration") is not None:
            if self._routed(request["routingConfiguration"]) is not record:
                raise validation_error("Routing configuration must contain versions of the alias's state machine.")
            alias.routes = list(request["routingConfiguration"])
        if request.get("description") is not None:
            alias.description = request["description"]
        alias.updated_seconds = self._records.now()
        return {"updateDate": alias.updated_seconds}

    def describe_alias(self, request: JSONObject) -> JSONObject:
        """DescribeStateMachineAlias."""
        record, alias = self._records.alias(request["stateMachineAliasArn"])
        described: JSONObject = {
            "stateMachineAliasArn": record.alias_arn(alias.name),
            "name": alias.name,
            "routingConfiguration": alias.routes,
            "creationDate": alias.created_seconds,
            "updateDate": alias.updated_seconds,
        }
        return described | ({} if alias.description is None else {"description": alias.description})

    def list_aliases(self, request: JSONObject) -> JSONObject:
        """ListStateMachineAliases, of one version where the ARN is a version's."""
        target = self._records.target(request["stateMachineArn"])
        record = target.record
        version = None if target.version is None else record.version_arn(target.version.number)
        chosen = [each for each in record.aliases.values() if version is None or version in _versions_of(each.routes)]
        aliases, token = page_of(chosen, request)
        entries = [
            {"stateMachineAliasArn": record.alias_arn(each.name), "creationDate": each.created_seconds}
            for each in aliases
        ]
        return with_page("stateMachineAliases", entries, token)

    def delete_alias(self, request: JSONObject) -> JSONObject:
        """DeleteStateMachineAlias."""
        record, alias = self._records.alias(request["stateMachineAliasArn"])
        del record.aliases[alias.name]
        return {}


def described_machine(target: Target) -> JSONObject:
    """What DescribeStateMachine and DescribeStateMachineForExecution have in common."""
    request, machine = target.request, target.machine
    described: JSONObject = {
        "stateMachineArn": machine.arn,
        "name": machine.name,
        "definition": request.get("definition") or machine.text,
        "roleArn": request.get("roleArn") or machine.identity.role_arn,
    }
    for name, default in _CONFIGURATIONS.items():
        described[name] = default | (request.get(name) or {})
    if target.revision_id is not None:
        described["revisionId"] = target.revision_id
    references = variable_references(described["definition"])
    return described | ({"variableReferences": references} if references else {})


def _versions_of(routes: list[JSONObject]) -> list[str]:
    return [str(route["stateMachineVersionArn"]) for route in routes]


class TagCalls:
    """TagResource and its like, on machines and activities."""

    def __init__(self, workspace: "Workspace", records: MachineRecords) -> None:
        self._records = records
        self._workspace = workspace
        self._of_activities: dict[str, dict[str, str]] = {}

    def tag(self, request: JSONObject) -> JSONObject:
        """TagResource."""
        tags = self._tags(request["resourceArn"])
        new = {tag["key"]: tag.get("value", "") for tag in request["tags"]}
        if len(tags | new) > _MAX_TAGS:
            raise ServiceError("TooManyTags", f"'{request['resourceArn']}' cannot have more than {_MAX_TAGS} tags")
        tags.update(new)
        return {}

    def untag(self, request: JSONObject) -> JSONObject:
        """UntagResource."""
        tags = self._tags(request["resourceArn"])
        for key in request["tagKeys"]:
            tags.pop(key, None)
        return {}

    def list_all(self, request: JSONObject) -> JSONObject:
        """ListTagsForResource."""
        tags = self._tags(request["resourceArn"])
        return {"tags": [{"key": key, "value": value} for key, value in tags.items()]}

    def _tags(self, text: str) -> dict[str, str]:
        arn = read_arn(text, "stateMachine", "activity")
        if arn.kind == "stateMachine" and (record := self._records.find(arn.name)) is not None:
            return record.tags
        if arn.kind == "activity" and self._workspace.activities.arn_of(arn.name) is not None:
            return self._of_activities.setdefault(text, {})
        raise ServiceError("ResourceNotFound", f"Resource not found: '{text}'")
