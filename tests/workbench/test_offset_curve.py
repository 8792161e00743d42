"""The curve of delay over the offset: what it holds is what dragging there would show."""

import json
from dataclasses import replace

import pytest

from signalopt.model.scenario import Constraints
from signalopt.workbench.bench import Workbench
from signalopt.workbench.offset_curve import (
    Curve,
    OffsetCurves,
    offset_figure,
    offset_words,
    offsets_to_try,
)


@pytest.fixture
def whole(bench):
    """The whole curve of J2, found in one go."""
    bench.choose(signal_id="J2")
    return bench.offset_curves.advance(bench, budget_s=600.0)


def test_each_point_is_what_dragging_there_shows(bench, whole):
    assert whole.is_whole
    for offset_s in whole.offsets_s[::5]:
        bench.edit("offset", offset_s, signal_id="J2")
        shown = bench.figures().delay_s_per_veh
        assert whole.delays_s_per_veh[offset_s] == pytest.approx(shown)


def test_it_knows_the_least(bench, whole):
    least = min(whole.delays_s_per_veh.values())
    assert whole.delays_s_per_veh[whole.best_s] == least
    assert max(whole.delays_s_per_veh.values()) > least
    assert f"least {least:.1f} s/veh at {whole.best_s} s" in offset_words(whole, "J2")


def test_it_grows_request_by_request(bench):
    sizes = [len(bench.offset_curves.advance(bench, budget_s=0.0).delays_s_per_veh)]
    while not bench.offset_curves.curve.is_whole:
        sizes.append(len(bench.offset_curves.advance(bench, budget_s=0.0).delays_s_per_veh))
    assert sizes == list(range(1, 1 + len(bench.offset_curves.curve.offsets_s)))


def test_its_own_offset_does_not_change_it_and_others_do(bench, whole):
    bench.edit("offset", 33, signal_id="J2")
    assert bench.offset_curves.advance(bench, budget_s=0.0) == whole
    bench.edit("offset", 33, signal_id="J1")
    assert len(bench.offset_curves.advance(bench, budget_s=0.0).delays_s_per_veh) == 1


def test_there_is_none_where_the_timing_stays(scenario):
    kept = replace(scenario, constraints=Constraints(leave_alone=("J1",)))
    with Workbench(kept) as bench:
        bench.choose(signal_id="J1")
        assert OffsetCurves().advance(bench) == Curve()


@pytest.mark.parametrize("cycle_s", [1, 7, 24, 25, 90, 240])
def test_offsets_are_spread_over_the_cycle(cycle_s):
    tried = sorted(offsets_to_try(cycle_s))
    gaps = {b - a for a, b in zip(tried, [*tried[1:], cycle_s], strict=True)}
    assert tried[0] == 0
    assert len(tried) <= 24
    assert max(gaps) == -(-cycle_s // 24)


def test_the_picture_marks_the_offset_on_screen(bench, whole):
    bench.edit("offset", 41, signal_id="J2")
    figure = offset_figure(whole, bench.shown("J2"))
    assert figure["layout"]["shapes"][0]["x0"] == 41
    drawn = dict(zip(figure["data"][0]["x"], figure["data"][0]["y"], strict=True))
    assert drawn == pytest.approx(whole.delays_s_per_veh, abs=0.005)
    json.dumps(figure)
