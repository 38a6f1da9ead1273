"""What the Step Functions API keeps of a machine beside its definition: versions, aliases, tags; it runs nothing."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from sfn_notebook._json import JSONObject
from sfn_notebook.runtime.ids import IdSource
from sfn_notebook.workspace.aws_api_arns import Arn, machine_does_not_exist, read_arn
from sfn_notebook.workspace.service_errors import ServiceError

if TYPE_CHECKING:
    from sfn_notebook.workspace.machine import StateMachine
    from sfn_notebook.workspace.workspace import Workspace

INITIAL: Final = "INITIAL"
"""How the API calls the revision of a machine that was never updated."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Version:
    """An immutable version of a machine; ``description`` is that of the version."""

    number: int
    machine: "StateMachine"
    request: JSONObject
    revision_id: str | None
    created_seconds: float
    description: str | None


@dataclass(kw_only=True, slots=True)
class Alias:
    """A name for one or two versions, each with its share of the executions, in percent."""

    name: str
    description: str | None
    routes: list[JSONObject]
    created_seconds: float
    updated_seconds: float


@dataclass(kw_only=True, slots=True)
class MachineRecord:
    """One machine: the parameters that made it, as last updated, and everything with a name below it."""

    machine: "StateMachine"
    request: JSONObject
    created_seconds: float
    revision_id: str | None = None
    versions: dict[int, Version] = field(default_factory=dict)
    aliases: dict[str, Alias] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    last_number: int = 0

    def publish(self, now_seconds: float, description: str | None) -> Version:
        """The version of this revision; published twice, it is the same one."""
        latest = self.versions.get(self.last_number)
        if latest is not None and latest.revision_id == self.revision_id:
            return latest
        self.last_number += 1
        version = Version(
            number=self.last_number,
            machine=self.machine,
            request=dict(self.request),
            revision_id=self.revision_id,
            created_seconds=now_seconds,
            description=description,
        )
        self.versions[version.number] = version
        return version

    def version_arn(self, number: int) -> str:
        """The ARN of a version."""
        return f"{self.machine.arn}:{number}"

    def alias_arn(self, name: str) -> str:
        """The ARN of an alias."""
        return f"{self.machine.arn}:{name}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """What an ARN leads to: a machine as it is, or a version of it, perhaps by way of an alias."""

    record: MachineRecord
    version: Version | None = None
    alias: Alias | None = None

    @property
    def machine(self) -> "StateMachine":
        """What runs."""
        return self.record.machine if self.version is None else self.version.machine

    @property
    def request(self) -> JSONObject:
        """The parameters that made it."""
        return self.record.request if self.version is None else self.version.request

    @property
    def revision_id(self) -> str | None:
        """Its revision."""
        return self.record.revision_id if self.version is None else self.version.revision_id

    @property
    def origin(self) -> JSONObject:
        """The version and the alias as DescribeExecution tells them."""
        found: JSONObject = {}
        if self.version is not None:
            found["stateMachineVersionArn"] = self.record.version_arn(self.version.number)
        if self.alias is not None:
            found["stateMachineAliasArn"] = self.record.alias_arn(self.alias.name)
        return found


class MachineRecords:
    """The records of a workspace, by name; a machine that a cell made gets one when it is first asked for."""

    def __init__(self, workspace: "Workspace") -> None:
        self._workspace = workspace
        self._records: dict[str, MachineRecord] = {}
        self._ids = IdSource("step-functions-api")

    def now(self) -> float:
        """Modelled seconds since the epoch."""
        return self._workspace.scheduler.now()

    def fresh_id(self) -> str:
        """An id for a revision."""
        return self._ids.uuid()

    def all(self) -> list[MachineRecord]:
        """Every machine, in the order of their making."""
        found = [self.find(name) for name in self._workspace.machines]
        return [record for record in found if record is not None]

    def find(self, name: str) -> MachineRecord | None:
        """The machine of that name."""
        machine = self._workspace.machines.get(name)
        if machine is None:
            self._records.pop(name, None)
            return None
        record = self._records.get(name)
        if record is None:
            request: JSONObject = {"name": name, "definition": machine.text, "type": machine.type}
            request["roleArn"] = machine.identity.role_arn
            record = self._records[name] = MachineRecord(machine=machine, request=request, created_seconds=self.now())
        elif record.machine is not machine:
            # The cell was run again: that is an update.
            record.machine, record.revision_id = machine, self.fresh_id()
            record.request["definition"] = machine.text
        return record

    def keep(self, record: MachineRecord) -> None:
        """Add or replace a machine."""
        name = record.machine.name
        self._records[name] = record
        self._workspace.machines[name] = record.machine

    def remove(self, name: str) -> None:
        """Forget a machine with its versions and aliases; its executions stay."""
        self._records.pop(name, None)
        self._workspace.machines.pop(name, None)

    def unqualified(self, text: str) -> MachineRecord:
        """The machine of an ARN that names neither version nor alias.

        Raises:
            ServiceError: ``InvalidArn`` or ``StateMachineDoesNotExist``.
        """
        arn = read_arn(text, "stateMachine")
        record = None if arn.qualifier else self.find(arn.name)
        if record is None or record.machine.arn != text:
            raise machine_does_not_exist(text)
        return record

    def target(self, text: str, share: float = 0.0) -> Target:
        """What an ARN leads to; ``share`` (0 to 100) chooses among the versions of an alias.

        Raises:
            ServiceError: ``InvalidArn`` or ``StateMachineDoesNotExist``.
        """
        arn = read_arn(text, "stateMachine")
        record = self.find(arn.name)
        if record is None or record.machine.arn != arn.unqualified:
            raise machine_does_not_exist(text)
        if arn.qualifier is None:
            return Target(record=record)
        return self._qualified(record, arn, share)

    def _qualified(self, record: MachineRecord, arn: Arn, share: float) -> Target:
        qualifier = str(arn.qualifier)
        if qualifier.isdecimal():
            version = record.versions.get(int(qualifier))
            if version is None:
                raise machine_does_not_exist(arn.text)
            return Target(record=record, version=version)
        alias = record.aliases.get(qualifier)
        if alias is None:
            raise machine_does_not_exist(arn.text)
        limit = 0.0
        for route in alias.routes:
            limit += route["weight"]
            if share < limit:
                number = int(str(route["stateMachineVersionArn"]).rpartition(":")[2])
                return Target(record=record, version=record.versions[number], alias=alias)
        raise machine_does_not_exist(arn.text)

    def alias(self, text: str) -> tuple[MachineRecord, Alias]:
        """The alias of an ARN.

        Raises:
            ServiceError: ``InvalidArn`` or ``ResourceNotFound``.
        """
        arn = read_arn(text, "stateMachine")
        record = self.find(arn.name)
        alias = None if record is None else record.aliases.get(arn.qualifier or "")
        if record is None or alias is None:
            raise ServiceError("ResourceNotFound", "Request references a resource that does not exist.")
        return record, alias


def parameters_of(request: JSONObject, *names: str) -> dict[str, Any]:
    """Those of ``names`` that a request has."""
    return {name: request[name] for name in names if request.get(name) is not None}
