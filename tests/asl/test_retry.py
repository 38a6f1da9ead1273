from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfn_notebook.asl.model import Catcher, JitterStrategy, Retrier
from sfn_notebook.asl.retry import MAX_SECONDS, delay_seconds, error_matches, find_catcher, find_retrier


def _seeded(seed: int) -> Random:
    return Random(seed)


@pytest.mark.parametrize(
    ("error_equals", "error_name", "matches"),
    [
        (["PaymentDeclined"], "PaymentDeclined", True),
        (["PaymentDeclined"], "paymentdeclined", False),
        (["A", "B"], "B", True),
        (["States.ALL"], "PaymentDeclined", True),
        (["States.ALL"], "States.Timeout", True),
        (["States.ALL"], "States.HeartbeatTimeout", True),
        (["States.ALL"], "States.NoChoiceMatched", True),
        (["States.ALL"], "States.DataLimitExceeded", True),  # recorded, against the guide
        (["States.DataLimitExceeded"], "States.DataLimitExceeded", True),
        (["States.ALL"], "States.Runtime", False),
        (["States.TaskFailed"], "States.Runtime", False),
        (["States.Runtime"], "States.Runtime", False),
        (["States.ALL"], None, True),  # recorded: SendTaskFailure without an error
        (["States.Runtime"], None, False),  # recorded beside it
        (["PaymentDeclined"], None, False),
        (["States.TaskFailed"], "PaymentDeclined", True),
        (["States.TaskFailed"], "Lambda.Unknown", True),
        (["States.TaskFailed"], "States.TaskFailed", True),
        (["States.TaskFailed"], "States.Permissions", True),
        (["States.TaskFailed"], "States.Timeout", False),
        (["States.TaskFailed"], "States.HeartbeatTimeout", False),
        (["States.Timeout"], "States.Timeout", True),
        (["States.Timeout"], "States.HeartbeatTimeout", True),
        (["States.HeartbeatTimeout"], "States.HeartbeatTimeout", True),
        (["States.HeartbeatTimeout"], "States.Timeout", False),
        (["State.ALL"], "HandleItemFailError", False),  # recorded: a typo is a name like any other
        (["State.ALL"], None, False),
        (["States.*"], "States.Timeout", False),
        ([], "PaymentDeclined", False),
    ],
)
def test_which_names_take_which_errors(*, error_equals: list[str], error_name: str | None, matches: bool) -> None:
    assert error_matches(error_equals, error_name) is matches


def _retrier(*error_equals: str) -> Retrier:
    return Retrier(error_equals=error_equals)


def test_the_first_retrier_that_takes_the_error_decides() -> None:
    retry = (_retrier("A", "B"), _retrier("B", "C"), _retrier("States.ALL"))
    assert [find_retrier(retry, name) for name in ("A", "B", "C", "D", "States.Runtime")] == [0, 0, 1, 2, None]
    assert find_retrier((), "A") is None


def test_the_first_catcher_that_takes_the_error_decides() -> None:
    catch = (
        Catcher(error_equals=("Lambda.Unknown",), next_state="Unknown"),
        Catcher(error_equals=("States.TaskFailed",), next_state="Failed"),
        Catcher(error_equals=("States.ALL",), next_state="All"),
    )
    found = [find_catcher(catch, name) for name in ("Exception", "Lambda.Unknown", "States.Timeout", "States.Runtime")]
    assert found == [1, 0, 2, None]


def _delays(retrier: Retrier, count: int) -> list[float]:
    return [delay_seconds(retrier, made, _seeded(0)) for made in range(count)]


def test_delays_grow_by_the_backoff_rate() -> None:
    retrier = Retrier(error_equals=("CustomError",), interval_seconds=1, max_attempts=2, backoff_rate=2.0)
    assert _delays(retrier, 4) == [1.0, 2.0, 4.0, 8.0]
    assert _delays(Retrier(error_equals=("A",), interval_seconds=3, backoff_rate=1.5), 3) == [3.0, 4.5, 6.75]


def test_delays_stop_growing_at_max_delay_seconds() -> None:
    retrier = Retrier(error_equals=("A",), interval_seconds=2, backoff_rate=3, max_delay_seconds=10)
    assert _delays(retrier, 4) == [2.0, 6.0, 10.0, 10.0]


@pytest.mark.parametrize("retries_made", [1023, 1024, 99_999_999])
def test_delays_that_overflow_stay_finite(retries_made: int) -> None:
    assert delay_seconds(Retrier(error_equals=("A",)), retries_made, _seeded(0)) == MAX_SECONDS
    capped = Retrier(error_equals=("A",), max_delay_seconds=60)
    assert delay_seconds(capped, retries_made, _seeded(0)) == 60.0


def test_without_jitter_nothing_is_drawn() -> None:
    random = _seeded(7)
    before = random.getstate()
    delay_seconds(_retrier("A"), 3, random)
    assert random.getstate() == before


@given(st.integers(min_value=0, max_value=40), st.integers(), st.integers(min_value=1, max_value=3600))
def test_full_jitter_draws_below_the_capped_delay_and_repeats_by_seed(made: int, seed: int, cap: int) -> None:
    plain = Retrier(error_equals=("A",), interval_seconds=2, max_delay_seconds=cap)
    jittered = Retrier(
        error_equals=("A",), interval_seconds=2, max_delay_seconds=cap, jitter_strategy=JitterStrategy.FULL
    )
    drawn = delay_seconds(jittered, made, _seeded(seed))
    assert 0 <= drawn <= delay_seconds(plain, made, _seeded(seed)) <= cap
    assert drawn == delay_seconds(jittered, made, _seeded(seed))


def test_full_jitter_spreads_over_the_whole_range() -> None:
    jittered = Retrier(error_equals=("A",), interval_seconds=100, jitter_strategy=JitterStrategy.FULL)
    random = _seeded(1)
    drawn = [delay_seconds(jittered, 0, random) for _ in range(500)]
    assert min(drawn) < 5
    assert max(drawn) > 95
    assert 40 < sum(drawn) / len(drawn) < 60
