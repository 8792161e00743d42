"""Edits by hand: what is possible is made and safe, all else is refused with a reason."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signalopt.model.scenario import Constraints
from signalopt.optimisers.problem import make_problem
from signalopt.safety.guard import check_program, network_limits
from signalopt.safety.rules import Severity
from signalopt.workbench import edits
from signalopt.workbench.edits import EditRefusedError


@pytest.fixture(scope="module")
def limits(scenario):
    return network_limits(scenario.network, scenario.plan, scenario.constraints)["J1"]


@pytest.fixture(scope="module")
def plan(scenario):
    return scenario.plan.plans["J1"]


def errors(plan, limits):
    return [f for f in check_program(plan, limits) if f.severity is Severity.ERROR]


def test_an_offset_shifts_the_lights_and_nothing_else(plan, limits):
    moved = edits.with_offset(plan, limits, 17)
    assert moved.greens_s == plan.greens_s
    for time_s in range(0, 200, 7):
        assert moved.lights_at(time_s + 17) == plan.lights_at(time_s + plan.offset_s)


@pytest.mark.parametrize("offset_s", [-1, 90, 10_000])
def test_an_offset_outside_the_cycle_is_refused(plan, limits, offset_s):
    with pytest.raises(EditRefusedError, match="from 0 to 89 s"):
        edits.with_offset(plan, limits, offset_s)


@given(st.data())
@settings(max_examples=15, deadline=None)
def test_every_split_in_range_keeps_the_cycle_and_is_safe(plan, limits, data):
    """Through several edits in a row, wherever they lead."""
    for _ in range(3):
        ranges = edits.split_ranges(plan, limits)
        stage = data.draw(st.integers(0, len(ranges) - 1))
        split_s = data.draw(st.integers(ranges[stage].least_s, ranges[stage].most_s))
        cycle_s, offset_s = plan.cycle_s, plan.offset_s
        plan = edits.with_split(plan, limits, stage, split_s)
        assert plan.splits_s[stage] == split_s
        assert (plan.cycle_s, plan.offset_s) == (cycle_s, offset_s)
        assert not errors(plan, limits)


def test_a_longer_stage_takes_from_the_next_one_first(plan, limits):
    ranges = edits.split_ranges(plan, limits)
    spare_s = ranges[1].split_s - ranges[1].least_s
    longer = edits.with_split(plan, limits, 0, ranges[0].split_s + 1)
    assert spare_s > 0
    assert np.subtract(longer.splits_s, plan.splits_s)[:2].tolist() == [1, -1]


def test_a_shorter_stage_gives_to_the_next_one(plan, limits):
    ranges = edits.split_ranges(plan, limits)
    shorter = edits.with_split(plan, limits, 0, ranges[0].split_s - 2)
    assert np.subtract(shorter.splits_s, plan.splits_s)[:2].tolist() == [-2, 2]


def test_beyond_the_range_lies_what_the_safety_rules_forbid(plan, limits):
    """One second less than the least split is really unsafe, not only unwanted."""
    least = edits.split_ranges(plan, limits)[0]
    greens_s = list(plan.greens_s)
    greens_s[1] += greens_s[0] - (least.least_s - least.fixed_s) + 1
    greens_s[0] = least.least_s - least.fixed_s - 1
    assert errors(plan.with_timing(greens_s, plan.offset_s), limits)


@pytest.mark.parametrize(("beyond", "words"), [("least_s", "shorter"), ("most_s", "longer")])
def test_a_split_out_of_range_is_refused_in_one_sentence(plan, limits, beyond, words):
    ranges = edits.split_ranges(plan, limits)[0]
    step = -1 if beyond == "least_s" else 1
    with pytest.raises(
        EditRefusedError, match=rf"Stage 1 of J1 cannot be {words} than \d+ s"
    ) as no:
        edits.with_split(plan, limits, 0, getattr(ranges, beyond) + step)
    assert str(no.value).count(".") == 1


@pytest.mark.parametrize("stage", [-1, 99])
def test_a_stage_that_is_not_there_is_refused(plan, limits, stage):
    with pytest.raises(EditRefusedError, match="there is no stage"):
        edits.with_split(plan, limits, stage, 30)


def test_an_edit_that_breaks_a_rule_is_refused_whatever_the_range_says(plan, limits):
    """A rule that the ranges know nothing of: another clearance than the plan has."""
    stricter = replace(limits, yellow_s=limits.yellow_s + 3)
    with pytest.raises(EditRefusedError, match="would not be safe at J1"):
        edits.with_offset(plan, stricter, 3)


def test_a_cycle_goes_to_all_signals_that_share_it(scenario):
    problem = make_problem(scenario)
    changed = edits.with_cycle(scenario.plan, problem, "J1", 60)
    limits = network_limits(scenario.network, scenario.plan, scenario.constraints)
    assert {p.cycle_s for p in changed.plans.values()} == {60}
    for signal_id, plan in changed.plans.items():
        assert not errors(plan, limits[signal_id])
        before = scenario.plan.plans[signal_id]
        assert plan.offset_s == pytest.approx(before.offset_s * 60 / 90, abs=1)


@pytest.mark.parametrize("cycle_s", [5, 400])
def test_a_cycle_out_of_range_is_refused(scenario, cycle_s):
    with pytest.raises(EditRefusedError, match=r"it may be \d+ to \d+ s"):
        edits.with_cycle(scenario.plan, make_problem(scenario), "J1", cycle_s)


def test_a_frozen_cycle_is_refused(scenario):
    kept = replace(scenario, constraints=Constraints(keep_cycle=True))
    with pytest.raises(EditRefusedError, match="stays as it is"):
        edits.with_cycle(scenario.plan, make_problem(kept), "J1", 60)


@pytest.mark.parametrize("value", [None, "x", 3.5, True, [], float("nan"), float("inf"), "1e999"])
def test_what_is_no_whole_number_is_refused(value):
    with pytest.raises(EditRefusedError, match="The offset must be a whole number"):
        edits.whole_number(value, "The offset")


@pytest.mark.parametrize(("value", "number"), [(7, 7), ("7", 7), (7.0, 7)])
def test_whole_numbers_as_pages_send_them(value, number):
    assert edits.whole_number(value, "The offset") == number
