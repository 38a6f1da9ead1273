"""Clocks: virtual jumps, manual stands still, scaled and real wait."""

import pytest

from sfn_notebook.errors import InvalidInput
from sfn_notebook.runtime.clock import ManualClock, ScaledClock, VirtualClock, parse_clock, stopwatch


def test_a_virtual_clock_jumps_and_never_goes_back() -> None:
    clock = VirtualClock(100.0)
    assert clock.wait_until(31_536_100.0)
    assert clock.now() == 31_536_100.0
    assert clock.wait_until(5.0)
    assert clock.now() == 31_536_100.0


def test_a_manual_clock_moves_only_when_advanced() -> None:
    clock = ManualClock(0.0)
    assert not clock.wait_until(1.0)
    clock.advance(1.0)
    assert clock.wait_until(1.0)


@pytest.mark.parametrize("seconds", [-1.0, float("nan")])
def test_a_manual_clock_refuses_to_go_back(seconds: float) -> None:
    with pytest.raises(InvalidInput, match="cannot advance"):
        ManualClock().advance(seconds)


def test_a_scaled_clock_waits_a_fraction_of_the_time() -> None:
    clock = ScaledClock(100.0)
    before_seconds, real_before_seconds = clock.now(), stopwatch()
    assert clock.wait_until(before_seconds + 3.0)
    assert clock.now() >= before_seconds + 3.0
    assert 0.02 <= stopwatch() - real_before_seconds < 2.0


@pytest.mark.parametrize(
    ("text", "kind"), [("virtual", VirtualClock), ("manual", ManualClock), ("real", ScaledClock), ("10x", ScaledClock)]
)
def test_a_clock_has_a_name(text: str, kind: type) -> None:
    assert isinstance(parse_clock(text), kind)


@pytest.mark.parametrize("text", ["", "fast", "x", "-1x", "0x", "infx", "nanx"])
def test_an_unknown_clock_is_refused_with_the_known_ones(text: str) -> None:
    with pytest.raises(InvalidInput, match='"virtual", "real", "manual"'):
        parse_clock(text)
