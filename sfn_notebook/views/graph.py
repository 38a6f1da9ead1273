"""A state machine as boxes, arrows and regions: plain data made from a Definition; nothing of layout or colour."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, NamedTuple, assert_never

from sfn_notebook._json import JSONValue
from sfn_notebook.asl.model import (
    Branch,
    Catcher,
    ChoiceState,
    Definition,
    FailState,
    MapState,
    ParallelState,
    PassState,
    ProcessorMode,
    Retrier,
    State,
    SucceedState,
    TaskState,
    WaitState,
)
from sfn_notebook.views import wording
from sfn_notebook.views.typography import TIMES


class NodeKind(StrEnum):
    """What a box is; ``ENTRY`` and ``EXIT`` are the points where a region's branches part and meet."""

    START = "start"
    END = "end"
    ENTRY = "entry"
    EXIT = "exit"
    TASK = "task"
    PASS = "pass"  # noqa: S105 - a state type, no password
    CHOICE = "choice"
    WAIT = "wait"
    SUCCEED = "succeed"
    FAIL = "fail"


class RegionKind(StrEnum):
    """What a region holds; ``BRANCH`` is one branch of a Parallel."""

    PARALLEL = "parallel"
    MAP = "map"
    DISTRIBUTED_MAP = "distributed-map"
    BRANCH = "branch"


class EdgeKind(StrEnum):
    """Why the execution goes along an arrow."""

    NEXT = "next"
    CHOICE = "choice"
    DEFAULT = "default"
    CATCH = "catch"


STATE_KINDS: Final = frozenset(
    {NodeKind.TASK, NodeKind.PASS, NodeKind.CHOICE, NodeKind.WAIT, NodeKind.SUCCEED, NodeKind.FAIL}
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Node:
    """A box. ``pointer`` identifies its state and is empty for markers; ``region`` is the region around it, or empty.

    ``detail`` is the second line, ``retry`` the short retry mark (three times), ``retries`` it in words,
    ``tooltip`` everything that was shortened.
    """

    id: str
    kind: NodeKind
    name: str
    pointer: str = ""
    detail: str = ""
    retry: str = ""
    retries: str = ""
    tooltip: str = ""
    icon: str = ""
    region: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Region:
    """A Parallel, a Map or a branch of a Parallel; ``entry`` and ``exit`` are nodes inside (empty for a branch)."""

    id: str
    kind: RegionKind
    name: str
    pointer: str
    detail: str = ""
    retry: str = ""
    retries: str = ""
    tooltip: str = ""
    parent: str = ""
    entry: str = ""
    exit: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Edge:
    """An arrow between two nodes; ``leaves`` and ``enters`` name the regions at whose border it starts and ends."""

    id: str
    kind: EdgeKind
    source: str
    target: str
    label: str = ""
    tooltip: str = ""
    region: str = ""
    leaves: str = ""
    enters: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Graph:
    """A state machine to draw. ``sources`` holds each state as written in the definition, by pointer."""

    title: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    regions: tuple[Region, ...]
    sources: Mapping[str, JSONValue] = field(default_factory=dict, repr=False)

    def state_names(self) -> dict[str, str]:
        """The name of each drawn state by pointer, in the order of the definition."""
        names = {node.pointer: node.name for node in self.nodes if node.pointer}
        names |= {region.pointer: region.name for region in self.regions if region.kind is not RegionKind.BRANCH}
        return {pointer: names[pointer] for pointer in self.sources}


class _Anchor(NamedTuple):
    """Where arrows to and from a state attach: one node, or the ends of a region."""

    first: str
    last: str
    region: str = ""


class _Transition(NamedTuple):
    kind: EdgeKind
    next_state: str
    label: str
    tooltip: str


_FORWARD: Final = _Transition(EdgeKind.NEXT, "", "", "")


def graph_of(definition: Definition, *, title: str) -> Graph:
    """Draw ``definition`` as data; ids are given in the order of the definition (``n0``, ``n1``, ...)."""
    builder = _Builder(definition.raw)
    start = builder.add_node(NodeKind.START, "Start")
    endings = builder.add_branch(definition, "", start)
    if endings:
        end = builder.add_node(NodeKind.END, "End")
        builder.join(endings, end, "")
    return Graph(
        title=title,
        nodes=tuple(builder.nodes),
        edges=tuple(builder.edges),
        regions=tuple(builder.regions),
        sources=builder.sources,
    )


class _Builder:
    def __init__(self, raw: JSONValue) -> None:
        self.raw = raw
        self.nodes: list[Node] = []
        self.edges: list[Edge] = []
        self.regions: list[Region] = []
        self.sources: dict[str, JSONValue] = {}
        self._region_count = 0

    def add_branch(self, branch: Branch, region: str, entry: str) -> list[_Anchor]:
        """Add the states of ``branch`` and their arrows; return the anchors after which the branch ends."""
        anchors = {name: self._add_state(state, region) for name, state in branch.states.items()}
        if branch.start_at in anchors:
            self._connect(_Anchor(entry, entry), anchors[branch.start_at], region)
        endings = []
        for name, state in branch.states.items():
            for each in _transitions(state):
                if each.next_state in anchors:
                    self._connect(anchors[name], anchors[each.next_state], region, each)
            if _ends_branch(state):
                endings.append(anchors[name])
        return endings

    def join(self, endings: list[_Anchor], node: str, region: str) -> None:
        for anchor in endings:
            self._connect(anchor, _Anchor(node, node), region)

    def add_node(self, kind: NodeKind, name: str, *, region: str = "") -> str:
        node = Node(id=f"n{len(self.nodes)}", kind=kind, name=name, region=region)
        self.nodes.append(node)
        return node.id

    def _add_state(self, state: State, region: str) -> _Anchor:
        self.sources[state.pointer] = _source_at(self.raw, state.pointer)
        if isinstance(state, ParallelState | MapState):
            return self._add_region(state, region)
        kind, icon, detail = _appearance(state)
        retry = state.retry if isinstance(state, TaskState) else ()
        node = Node(
            id=f"n{len(self.nodes)}",
            kind=kind,
            name=state.name,
            pointer=state.pointer,
            detail=detail,
            retry=_retry_mark(retry),
            retries=wording.retry_words(retry),
            tooltip=_tooltip(state, retry),
            icon=icon,
            region=region,
        )
        self.nodes.append(node)
        return _Anchor(node.id, node.id)

    def _new_region_id(self) -> str:
        self._region_count += 1
        return f"r{self._region_count - 1}"

    def _add_region(self, state: ParallelState | MapState, parent: str) -> _Anchor:
        own = self._new_region_id()
        place = len(self.regions)
        entry = self.add_node(NodeKind.ENTRY, "", region=own)
        endings: list[_Anchor] = []
        if isinstance(state, MapState):
            distributed = state.item_processor.mode is ProcessorMode.DISTRIBUTED
            kind = RegionKind.DISTRIBUTED_MAP if distributed else RegionKind.MAP
            detail = wording.map_words(state)
            endings = self.add_branch(state.item_processor, own, entry)
        else:
            kind = RegionKind.PARALLEL
            count = len(state.branches)
            detail = f"Parallel, {count} branch{'' if count == 1 else 'es'}"
            for index, branch in enumerate(state.branches):
                endings += self._add_parallel_branch(branch, index, own, entry)
        leave = self.add_node(NodeKind.EXIT, "", region=own)
        self.join(endings, leave, own)
        # A region stands before the regions inside it, so that whoever draws in this order draws outside in.
        region = Region(
            id=own,
            kind=kind,
            name=state.name,
            pointer=state.pointer,
            detail=detail,
            retry=_retry_mark(state.retry),
            retries=wording.retry_words(state.retry),
            tooltip=_tooltip(state, state.retry),
            parent=parent,
            entry=entry,
            exit=leave,
        )
        self.regions.insert(place, region)
        return _Anchor(entry, leave, own)

    def _add_parallel_branch(self, branch: Branch, index: int, parent: str, entry: str) -> list[_Anchor]:
        own = self._new_region_id()
        region = Region(
            id=own,
            kind=RegionKind.BRANCH,
            name=f"Branch {index + 1}",
            pointer=branch.pointer,
            tooltip=branch.comment,
            parent=parent,
        )
        self.regions.append(region)
        return self.add_branch(branch, own, entry)

    def _connect(self, source: _Anchor, target: _Anchor, region: str, why: _Transition = _FORWARD) -> None:
        edge = Edge(
            id=f"e{len(self.edges)}",
            kind=why.kind,
            source=source.last,
            target=target.first,
            label=why.label,
            tooltip=why.tooltip,
            region=region,
            leaves=source.region,
            enters=target.region,
        )
        self.edges.append(edge)


def _appearance(
    state: TaskState | PassState | ChoiceState | WaitState | SucceedState | FailState,
) -> tuple[NodeKind, str, str]:
    """Kind, icon and second line of a state that is one box."""
    match state:
        case TaskState():
            icon = "function" if wording.calls_function(state) else "service"
            return NodeKind.TASK, icon, wording.task_words(state)
        case PassState():
            return NodeKind.PASS, "pass", ""
        case ChoiceState():
            return NodeKind.CHOICE, "choice", ""
        case WaitState():
            return NodeKind.WAIT, "wait", wording.wait_words(state)
        case SucceedState():
            return NodeKind.SUCCEED, "succeed", ""
        case FailState():
            return NodeKind.FAIL, "fail", wording.expression_words(state.error or state.error_path or "")
        case _:
            assert_never(state)


def _transitions(state: State) -> list[_Transition]:
    found: list[_Transition] = []
    match state:
        case ChoiceState(choices=choices, default=default):
            for rule in choices:
                words = wording.condition_words(rule.condition)
                note = f"{rule.comment}\n{words}" if rule.comment else words
                brief = wording.condition_words(rule.condition, brief=True)
                found.append(_Transition(EdgeKind.CHOICE, rule.next_state, brief, note))
            if default is not None:
                found.append(_Transition(EdgeKind.DEFAULT, default, "otherwise", "Default: no condition holds"))
        case SucceedState() | FailState():
            pass
        case _:
            if state.next_state is not None:
                found.append(_Transition(EdgeKind.NEXT, state.next_state, "", ""))
    if isinstance(state, TaskState | ParallelState | MapState):
        found += [_catch(catcher) for catcher in state.catch]
    return found


def _catch(catcher: Catcher) -> _Transition:
    names = wording.error_words(catcher.error_equals)
    return _Transition(EdgeKind.CATCH, catcher.next_state, names, f"Catch {', '.join(catcher.error_equals)}")


def _ends_branch(state: State) -> bool:
    match state:
        case SucceedState():
            return True
        case ChoiceState() | FailState():
            return False
        case _:
            return state.is_terminal


def _retry_mark(retriers: tuple[Retrier, ...]) -> str:
    most = max((each.max_attempts for each in retriers), default=0)
    return f"{most}{TIMES}" if most else ""


def _tooltip(state: State, retriers: tuple[Retrier, ...]) -> str:
    lines = [f"{state.type_name}: {state.name}", state.comment]
    if isinstance(state, TaskState):
        lines.append(state.resource)
    if retriers:
        lines.append(f"Retry {wording.retry_words(retriers)}")
    return "\n".join(line for line in lines if line)


def _source_at(raw: JSONValue, pointer: str) -> JSONValue:
    """The part of ``raw`` at an RFC 6901 ``pointer``; ``None`` where there is none."""
    value = raw
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict) and key in value:
            value = value[key]
        elif isinstance(value, list) and key.isdecimal() and int(key) < len(value):
            value = value[int(key)]
        else:
            return None
    return value
