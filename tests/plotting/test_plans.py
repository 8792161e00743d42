"""Stage diagrams and bar diagrams show what the plan shows."""

from dataclasses import replace
from itertools import combinations, pairwise

import matplotlib.pyplot as plt
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signalopt.errors import InputError
from signalopt.model.control import Aspect
from signalopt.plotting import plot_rings, plot_signal_groups, plot_stages
from signalopt.plotting.rings import barriers_s, ring_phases
from signalopt.plotting.signal_groups import group_bars


@pytest.mark.parametrize("signal_id", ["A2", "A5"])
def test_every_stage_shows_the_movements_that_have_green(arterial, named, words, signal_id):
    plan, network = arterial.plan.plans[signal_id], arterial.network
    signal = network.signals[signal_id]
    ax = plot_stages(plan, network)
    meant = {
        f"movement:{k}:{movement.id}:{min(aspects).name.lower()}"
        for k, stage in enumerate(plan.stages, 1)
        for movement in signal.movements
        if (aspects := [stage.lights[g] for g in movement.groups if stage.lights[g].is_green])
    }
    arrows = named(ax, "movement:")
    assert set(arrows) == meant
    assert meant
    for name, arrow in arrows.items():
        dashed = arrow.get_linestyle() != "solid"
        assert dashed == name.endswith(":permissive")
    on_foot = {
        f"crossing:{k}:{crossing.id}"
        for k, stage in enumerate(plan.stages, 1)
        for crossing in signal.crossings
        if any(stage.lights[g].is_green for g in crossing.groups)
    }
    assert set(named(ax, "crossing:")) == on_foot
    text = words(ax)
    for k, green_s in enumerate(plan.greens_s, 1):
        assert f"{k}: green {green_s} s" in text
    assert f"{signal_id}: cycle 80 s, offset 0 s" in text
    assert ("gives way" in text) == any(n.endswith("permissive") for n in meant)


def test_sketches_do_not_overlap(arterial, named):
    plan, network = arterial.plan.plans["A2"], arterial.network
    boxes = {}
    for name, arrow in named(plot_stages(plan, network), "movement:").items():
        stage = name.split(":")[1]
        boxes.setdefault(stage, []).append(arrow.get_path().get_extents().extents)
    hulls = {
        k: (np.min([b[:2] for b in v], axis=0), np.max([b[2:] for b in v], axis=0))
        for k, v in boxes.items()
    }
    assert len(hulls) == 6
    for a, (low_a, high_a) in hulls.items():
        for b, (low_b, high_b) in hulls.items():
            assert a == b or np.any(high_a < low_b) or np.any(high_b < low_a)


def test_junctions_of_one_controller_are_moved_together_and_stay_apart(joined, bundle, named):
    road = bundle(joined)
    plan = road.plans.plans["J"]
    ax = plot_stages(plan, road.network, columns=1)
    names = named(ax, "movement:1:")
    assert names
    by_junction = {"A": [], "B": []}
    for movement in road.network.signals["J"].movements:
        for name, arrow in names.items():
            if f":{movement.id}:" in name:
                by_junction[movement.junction_id].append(arrow.get_path().get_extents())
    assert max(b.x1 for b in by_junction["A"]) < min(b.x0 for b in by_junction["B"])
    gap_m = min(b.x0 for b in by_junction["B"]) - max(b.x1 for b in by_junction["A"])
    assert gap_m < 40  # 80 m lie between their middles


def test_on_small_axes_sketches_and_words_do_not_overlap(arterial, named):
    _, axes = plt.subplots(2, 2, figsize=(10, 8), layout="constrained")
    ax = plot_stages(arterial.plan.plans["A5"], arterial.network, ax=axes[0, 1])
    ax.figure.canvas.draw()
    boxes = [t.get_window_extent() for t in ax.texts]
    assert len(boxes) == 8
    for one, other in combinations(boxes, 2):
        assert not one.overlaps(other)
    for arrow in named(ax, "movement:").values():
        box = arrow.get_window_extent()
        assert not any(box.overlaps(text) for text in boxes)


def test_a_plan_for_another_network_is_refused(arterial):
    plan = replace(arterial.plan.plans["A2"], signal_id="X")
    with pytest.raises(InputError, match="no signal 'X' with 20 groups"):
        plot_stages(plan, arterial.network)
    with pytest.raises(InputError, match="signal A5 has 11 groups and the plan of X 20"):
        plot_signal_groups(plan, arterial.network.signals["A5"])


def test_bars_of_a_junction_lie_where_the_lights_are(arterial, named, spans):
    for signal_id, plan in arterial.plan.plans.items():
        signal = arterial.network.signals[signal_id]
        ax = plot_signal_groups(plan, signal)
        table = plan.lights_table()
        rows = [t.get_text() for t in ax.get_yticklabels()]
        listed = [int(g) for row in rows for g in row[row.index("(") + 1 : -1].split(", ")]
        assert sorted(listed) == list(range(plan.group_count))
        for row in rows:
            drawn = named(ax, f"group:{row}:")
            for group in map(int, row[row.index("(") + 1 : -1].split(", ")):
                for aspect in Aspect:
                    seconds = np.flatnonzero(table[:, group] == aspect)
                    bar = drawn.get(f"group:{row}:{aspect.name.lower()}")
                    found = [] if bar is None else spans(bar)
                    covered = [s for a, b, *_ in found for s in range(round(a), round(b))]
                    assert covered == seconds.tolist()


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_bars_of_any_plan_cover_the_cycle(any_plan, data):
    plan = data.draw(any_plan)
    for group in range(3):
        bars = group_bars(plan, group)
        assert sum(length for _, length, _ in bars) == plan.cycle_s
        shown = [a for _, length, a in bars for _ in range(int(length))]
        assert shown == plan.lights_table()[:, group].tolist()
        assert all(a is not b for (*_, a), (*_, b) in pairwise(bars))


def test_greens_carry_their_seconds_and_stages_their_numbers(arterial, words):
    text = words(plot_signal_groups(arterial.plan.plans["A2"], arterial.network.signals["A2"]))
    # From the plan's own table: eastbound through has stages 1 and 2, 25 + 9 s.
    for word in (
        "34",
        "17",
        "time in cycle [s]",
        "EB through (13, 14)",
        "green, gives way",
        "\n6\n",
    ):
        assert word in text


def test_a_green_over_the_end_of_the_cycle_carries_its_whole_length(arterial):
    plan = arterial.plan.plans["A2"]
    turned = replace(
        plan,
        stages=(*plan.stages[1:], plan.stages[0]),
        transitions=(*plan.transitions[1:], plan.transitions[0]),
    )
    ax = plot_signal_groups(turned, arterial.network.signals["A2"])
    row = [t.get_text() for t in ax.get_yticklabels()].index("EB through (13, 14)")
    numbers = [t.get_text() for t in ax.texts if t.get_position()[1] == row]
    assert numbers == ["34"]


def test_without_a_signal_groups_are_numbers(arterial):
    ax = plot_signal_groups(arterial.plan.plans["A5"])
    assert [t.get_text() for t in ax.get_yticklabels()] == [str(g) for g in range(11)]


@pytest.mark.parametrize("signal_id", ["A1", "A2", "A5", "A6"])
def test_rings_hold_one_phase_at_a_time_and_streets_do_not_mix(arterial, signal_id):
    """Crossing streams are never green together: between barriers there is one street only."""
    plan, network = arterial.plan.plans[signal_id], arterial.network
    phases = ring_phases(plan, network)
    shown = {
        p.name: {t for start, length in p.greens for t in range(start, start + length)}
        for p in phases
    }
    for one, other in combinations(phases, 2):
        if one.ring == other.ring or one.street != other.street:
            assert not shown[one.name] & shown[other.name], (one.name, other.name)
    assert len(barriers_s(phases, plan.cycle_s)) == 2
    legs = {a.bound: a for a in network.signals[signal_id].approaches}
    for phase in phases:  # seconds of green are those of the movement's groups
        bound, _, kind = phase.name.partition(" ")
        moves = [m for m in legs[bound].movements
                 if kind == "all" or (m.turn.is_left == (kind == "left")
                 and (kind == "left" or m.turn.value == "straight"))]  # fmt: skip
        groups = {g for m in moves for g in m.groups}
        wanted = {Aspect.GREEN} if kind == "left" else {Aspect.GREEN, Aspect.PERMISSIVE}
        assert len(shown[phase.name]) == sum(
            int(i.duration_s) for i in plan.intervals if any(i.lights[g] in wanted for g in groups)
        )


def test_the_ring_diagram_says_who_goes_how_long(arterial, words):
    text = words(plot_rings(arterial.plan.plans["A2"], arterial.network))
    for part in ("WB through\n34 s", "EB left\n9 s", "NB left\n5 s", "ring 1", "barrier",
                 "left turn gives way", "cycle 80 s"):  # fmt: skip
        assert part in text
    plt.close("all")


def test_five_legs_have_no_rings(arterial):
    network = arterial.network
    signal = network.signals["A2"]
    odd = replace(signal.approaches[0], edge_id="fifth", heading_deg=45.0)
    more = replace(signal, approaches=(*signal.approaches, odd))
    five = replace(network, signals={**network.signals, "A2": more})
    with pytest.raises(InputError, match="not those of two streets"):
        plot_rings(arterial.plan.plans["A2"], five)
