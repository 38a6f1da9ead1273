from sfn_notebook.asl import model
from sfn_notebook.views.execution import view_execution
from sfn_notebook.views.graph import graph_of
from sfn_notebook.views.mermaid import mermaid_text
from tests.views.machines import definition_of, order_machine, order_run, region_machine

REGIONS = """\
stateDiagram-v2
    state "Done (Succeed)" as n9
    state "Give up (Fail)" as n10
    state "Enrich (Parallel, 2 branches)" as r0 {
        state "Look up (Task)" as n2
        state "Rank (Pass)" as n3
        [*] --> n2
        n2 --> n3
        n3 --> [*]
        --
        state "Settle (Wait)" as n4
        [*] --> n4
        n4 --> [*]
    }
    state "Each item (Distributed Map over items, 4 at a time)" as r3 {
        state "Pack (Task)" as n7
        [*] --> n7
        n7 --> [*]
    }
    [*] --> r0
    r0 --> r3
    r0 --> n10: catch any error
    r3 --> n9
    n9 --> [*]
"""


def test_regions_are_composite_states_and_branches_concurrent_ones() -> None:
    assert mermaid_text(graph_of(region_machine(), title="Regions")) == REGIONS


def test_a_run_has_words_and_colours() -> None:
    text = mermaid_text(graph_of(order_machine(), title="OrderFlow"), view_execution(order_run()).states)
    assert 'state "Charge card (Task) - Succeeded" as n6' in text
    assert 'state "Refund (Task)" as n7' in text
    assert "    class n1,n2,n3,n4,n5,n6,n8 SUCCEEDED\n" in text
    assert "n6 --> n7: catch CardDeclined\n" in text


def test_a_name_can_end_neither_its_quotes_nor_its_line() -> None:
    name = 'a" as x\n%% <script>: {};#quot;'
    states = [model.PassState(name=name, pointer="/States/a")]
    lines = mermaid_text(graph_of(definition_of(states), title="Hostile")).splitlines()
    assert lines[1] == (
        '    state "a#34; as x#92;n#37;#37; #60;script#62;#58; #123;#125;#59;#35;quot#59; (Pass)" as n1'
    )
    assert len(lines) == 4
