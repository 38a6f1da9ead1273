from sfn_notebook.asl import model
from sfn_notebook.views.graph import EdgeKind, Graph, NodeKind, RegionKind, graph_of
from tests.views.machines import definition_of, order_machine, region_machine


def _arrows(graph: Graph) -> set[tuple[str, str, str]]:
    names = {node.id: node.name for node in graph.nodes}
    names |= {region.entry: region.name for region in graph.regions if region.entry}
    names |= {region.exit: f"{region.name} end" for region in graph.regions if region.exit}
    return {(names[edge.source], edge.label, names[edge.target]) for edge in graph.edges}


def test_every_way_through_an_order_is_drawn() -> None:
    assert _arrows(graph_of(order_machine(), title="OrderFlow")) == {
        ("Start", "", "Validate order"),
        ("Validate order", "", "Check stock"),
        ("Check stock", "", "Score fraud"),
        ("Score fraud", "", "Looks risky?"),
        ("Looks risky?", "fraud.score > 80", "Reject order"),
        ("Looks risky?", 'total ≥ 100 and country is "DE"', "Cool down"),
        ("Looks risky?", "otherwise", "Charge card"),
        ("Cool down", "", "Charge card"),
        ("Charge card", "", "Notify customer"),
        ("Charge card", "CardDeclined", "Refund"),
        ("Refund", "", "Reject order"),
        ("Notify customer", "", "End"),
    }


def test_boxes_tell_what_their_state_does() -> None:
    nodes = {node.name: node for node in graph_of(order_machine(), title="OrderFlow").nodes}
    assert nodes["Charge card"].detail == "charge_card"
    assert nodes["Charge card"].retry == "3\N{MULTIPLICATION SIGN}"
    assert "PaymentTimeout: up to 3 retries, first after 2 s" in nodes["Charge card"].tooltip
    assert nodes["Cool down"].detail == "1 min 30 s"
    assert nodes["Reject order"].detail == "OrderRejected"
    assert nodes["Looks risky?"].kind is NodeKind.CHOICE


def test_ids_follow_the_definition_and_pointers_identify_states() -> None:
    graph = graph_of(order_machine(), title="OrderFlow")
    assert [node.id for node in graph.nodes] == [f"n{index}" for index in range(11)]
    assert graph == graph_of(order_machine(), title="OrderFlow")
    pointers = [node.pointer for node in graph.nodes if node.pointer]
    assert len(set(pointers)) == len(pointers) == 9
    assert graph.sources["/States/Cool down"] == {"Type": "Wait"}


def test_parallel_and_map_are_regions_around_their_states() -> None:
    graph = graph_of(region_machine(), title="Regions")
    by_name = {region.name: region for region in graph.regions}
    assert by_name["Enrich"].kind is RegionKind.PARALLEL
    assert by_name["Enrich"].detail == "Parallel, 2 branches"
    assert by_name["Each item"].kind is RegionKind.DISTRIBUTED_MAP
    assert by_name["Each item"].detail == "Distributed Map over items, 4 at a time"
    assert by_name["Branch 1"].parent == by_name["Enrich"].id
    inside = {node.name: node.region for node in graph.nodes}
    assert inside["Look up"] == inside["Rank"] == by_name["Branch 1"].id
    assert inside["Settle"] == by_name["Branch 2"].id
    assert inside["Pack"] == by_name["Each item"].id


def test_arrows_of_a_region_meet_its_border() -> None:
    graph = graph_of(region_machine(), title="Regions")
    enrich, each = (next(region for region in graph.regions if region.name == name) for name in ("Enrich", "Each item"))
    between = next(edge for edge in graph.edges if edge.source == enrich.exit and edge.target == each.entry)
    assert (between.leaves, between.enters) == (enrich.id, each.id)
    caught = next(edge for edge in graph.edges if edge.kind is EdgeKind.CATCH)
    assert (caught.leaves, caught.label, caught.tooltip) == (enrich.id, "any error", "Catch States.ALL")


def test_a_fail_state_ends_by_itself_and_succeed_leads_to_the_end() -> None:
    graph = graph_of(region_machine(), title="Regions")
    arrows = _arrows(graph)
    assert ("Done", "", "End") in arrows
    assert not any(source == "Give up" for source, _, _ in arrows)


def test_a_machine_that_only_fails_has_no_end_marker() -> None:
    graph = graph_of(definition_of([model.FailState(name="No", pointer="/States/No")]), title="No")
    assert [node.name for node in graph.nodes] == ["Start", "No"]


def test_state_names_come_in_the_order_of_the_definition() -> None:
    names = list(graph_of(region_machine(), title="Regions").state_names().values())
    assert names == ["Enrich", "Look up", "Rank", "Settle", "Each item", "Pack", "Done", "Give up"]
