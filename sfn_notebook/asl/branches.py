"""Finds every branch of a definition that is still JSON: the machine itself, Parallel branches, Map processors.

It takes nothing for granted: what is not shaped like a branch or a state is passed over in silence, because the checks
of shape stand elsewhere.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from sfn_notebook._json import JSONObject, JSONValue
from sfn_notebook.asl.fields import BRANCH, MACHINE, PROCESSOR, Table
from sfn_notebook.asl.model import QueryLanguage
from sfn_notebook.asl.spans import child_pointer

_MACHINE_ONLY: Final = frozenset(MACHINE) - {"StartAt", "States"}


@dataclass(frozen=True, kw_only=True, slots=True)
class BranchSite:
    """One branch as JSON: where it stands, what it is called in messages, which fields it may have.

    ``outer`` is the branch that it stands in; the machine itself has none.
    """

    value: JSONObject
    pointer: str
    noun: str
    table: Table
    outer: "BranchSite | None" = None

    @property
    def states_pointer(self) -> str:
        """The pointer of ``States``."""
        return child_pointer(self.pointer, "States")

    @property
    def states(self) -> dict[str, JSONObject]:
        """The states that are objects, by name."""
        states = self.value.get("States")
        if not isinstance(states, dict):
            return {}
        return {name: state for name, state in states.items() if isinstance(state, dict)}

    @property
    def is_distributed(self) -> bool:
        """Whether it is the processor of a Distributed Map."""
        config = self.value.get("ProcessorConfig")
        return isinstance(config, dict) and config.get("Mode") == "DISTRIBUTED"

    def state_pointer(self, name: str) -> str:
        """The pointer of one state."""
        return child_pointer(self.states_pointer, name)


def collect_branches(definition: JSONObject) -> tuple[BranchSite, ...]:
    """Every branch of ``definition``, the outer before the inner, without recursion."""
    found: list[BranchSite] = []
    waiting = [BranchSite(value=definition, pointer="", noun="A state machine", table=MACHINE)]
    while waiting:
        site = waiting.pop()
        found.append(site)
        inner: list[BranchSite] = []
        for name, state in site.states.items():
            inner.extend(_inner_branches(state, site.state_pointer(name), site))
        waiting.extend(reversed(inner))
    return tuple(found)


def _inner_branches(state: JSONObject, pointer: str, outer: BranchSite) -> Iterator[BranchSite]:
    branches = state.get("Branches")
    if isinstance(branches, list):
        base = child_pointer(pointer, "Branches")
        for index, branch in enumerate(branches):
            if isinstance(branch, dict):
                place = child_pointer(base, index)
                yield BranchSite(value=branch, pointer=place, noun="A branch", table=BRANCH, outer=outer)
    for name in ("ItemProcessor", "Iterator"):
        processor = state.get(name)
        if isinstance(processor, dict):
            place = child_pointer(pointer, name)
            yield BranchSite(value=processor, pointer=place, noun=f"An {name}", table=PROCESSOR, outer=outer)


def misplaced_fields(definition: JSONObject) -> dict[str, JSONValue]:
    """Fields of the machine that stand within its ``States`` instead of beside it.

    A published AWS sample has ``QueryLanguage`` there. Such an entry cannot be a state, so its meaning is plain.
    """
    states = definition.get("States")
    if not isinstance(states, dict):
        return {}
    return {
        name: value
        for name, value in states.items()
        if name in _MACHINE_ONLY and not isinstance(value, dict | list | None) and name not in definition
    }


def machine_query_language(definition: JSONObject) -> QueryLanguage:
    """The query language of states that name none."""
    written = definition.get("QueryLanguage", misplaced_fields(definition).get("QueryLanguage"))
    return QueryLanguage.JSONATA if written == QueryLanguage.JSONATA else QueryLanguage.JSONPATH


def state_query_language(state: JSONObject, machine_language: QueryLanguage) -> QueryLanguage:
    """The query language of one state: its own, else the machine's, whatever encloses it.

    Source: Step Functions Developer Guide, "QueryLanguage"; recorded: a JSONPath state within a JSONata Map.
    """
    written = state.get("QueryLanguage")
    return QueryLanguage(written) if written in tuple(QueryLanguage) else machine_language


def is_distributed(state: JSONObject) -> bool:
    """Whether a Map state asks for Distributed mode."""
    for name in ("ItemProcessor", "Iterator"):
        processor = state.get(name)
        config = processor.get("ProcessorConfig") if isinstance(processor, dict) else None
        if isinstance(config, dict) and config.get("Mode") == "DISTRIBUTED":
            return True
    return False
