"""Ids repeat for a seed and have AWS's shapes."""

from random import Random
from uuid import UUID

from sfn_notebook.runtime.ids import DEFAULT_ACCOUNT, fresh_seed, seeded_uuid


def test_the_same_seed_gives_the_same_ids() -> None:
    assert [seeded_uuid(Random(7)) for _ in range(2)] == [seeded_uuid(Random(7))] * 2
    assert UUID(seeded_uuid(Random(7))).version == 4


def test_arns_have_the_shapes_of_aws() -> None:
    execution = DEFAULT_ACCOUNT.execution_arn("Order", "Order-1")
    assert execution == "arn:aws:states:us-east-1:123456789012:execution:Order:Order-1"
    express = DEFAULT_ACCOUNT.express_arn("Order", "Order-1", "id")
    assert express == "arn:aws:states:us-east-1:123456789012:express:Order:Order-1:id"


def test_a_fresh_seed_differs() -> None:
    assert fresh_seed() != fresh_seed()
