"""SUMO itself shows the lights that a plan promises, second by second."""

import math
import random
from types import SimpleNamespace

import pytest

from signalopt.io.sumo_plan import additional_xml, read_programs
from signalopt.io.sumo_states import state_of
from signalopt.model.plan import SignalPlan
from signalopt.model.verbatim import VerbatimProgram

BEGIN_S = 25_217  # neither zero nor a multiple of any cycle
GYR = ((5, "G"), (3, "y"), (4, "r"))


def tl(signal, program, phases, offset=0):
    body = "".join(f'<phase duration="{d}" state="{s}"/>' for d, s in phases)
    return f'<tlLogic id="{signal}" type="static" programID="{program}" offset="{offset}">{body}</tlLogic>'


def additional(*parts):
    return "<additional>" + "".join(parts) + "</additional>"


def raw_programs(root):
    return {
        t.get("id"): [(p.get("duration"), p.get("state")) for p in t.iter("phase")]
        for t in root.iter("tlLogic")
    }


def differing_seconds(one, other):
    assert one.keys() == other.keys()
    return {
        signal: [t for t, (a, b) in enumerate(zip(states, other[signal], strict=True)) if a != b]
        for signal, states in one.items()
        if states != other[signal]
    }


def compare(net, signals, write, sumo_lights):
    """Programs with other offsets in SUMO, against the plans read from them and written again."""
    numbers = random.Random(net.name)
    offsets = {s: numbers.choice([1, 13, 47, 101, 300, -20]) for s in signals}
    theirs = write(
        "theirs.add.xml", additional(*(tl(s, "x", p, offsets[s]) for s, p in signals.items()))
    )
    plans = read_programs([net, theirs]).programs
    assert set(plans) >= set(signals)
    own = [plans[s] for s in signals if isinstance(plans[s], SignalPlan)]
    ours = write("ours.add.xml", additional_xml(own))
    seconds = 3 * max(p.cycle_s for p in own)
    expected = sumo_lights(net, [theirs], begin=BEGIN_S, seconds=seconds)
    found = sumo_lights(net, [ours], begin=BEGIN_S, seconds=seconds)
    kept = {p.signal_id for p in own}
    assert all(set(expected.running[s]) == {"x"} == set(found.running[s]) for s in kept)
    before = {s: v for s, v in expected.shown.items() if s in kept}
    assert differing_seconds(before, {s: v for s, v in found.shown.items() if s in kept}) == {}
    told = {p.signal_id: [state_of(p.lights_at(BEGIN_S + t)) for t in range(seconds)] for p in own}
    assert differing_seconds(before, told) == {}
    # The comparison can fail: lights change, and a plan one second later shows others.
    late = {
        p.signal_id: [state_of(p.lights_at(BEGIN_S + t - 1)) for t in range(seconds)] for p in own
    }
    changing = {s for s, states in before.items() if len(set(states)) > 1}
    assert changing
    assert set(differing_seconds(before, late)) == changing
    return own


def test_bundled_signals_look_the_same_in_sumo(bundled, write, sumo_lights):
    signals = raw_programs(bundled.root)
    assert set(signals) == set(bundled.network.signals)
    own = compare(bundled.net, signals, write, sumo_lights)
    assert len(own) == len(signals)


@pytest.mark.parametrize("made", ["four_arm", "joined"])
def test_made_signals_look_the_same_in_sumo(made, request, bundle, write, sumo_lights):
    loaded = bundle(request.getfixturevalue(made))
    own = compare(loaded.net, raw_programs(loaded.root), write, sumo_lights)
    assert len(own) == len(loaded.network.signals)


def test_strange_programs_look_the_same_in_sumo(lights_grid, bundle, write, sumo_lights):
    """Short yellow, red-yellow, arrows, dark and flashing lights, stages across the cycle's end."""
    loaded, numbers = bundle(lights_grid), random.Random(4)
    signals = {}
    for signal, phases in raw_programs(loaded.root).items():
        width = len(phases[0][1])
        letters = numbers.choice(["rG", "rgG", "rgGyu", "rgGyYus", "rgGyusoO"])
        made = [
            (numbers.randint(1, 18), "".join(numbers.choice(letters) for _ in range(width)))
            for _ in range(numbers.randint(2, 6))
        ]
        green = "".join(numbers.choice("rgG") for _ in range(width - 1)) + "G"
        made.insert(numbers.randint(0, len(made)), (numbers.randint(1, 30), green))
        if numbers.random() < 0.5:
            made.append((numbers.randint(1, 9), made[0][1]))
        if numbers.random() < 0.3:
            made = [(d, "G" + s[1:]) for d, s in made]
        signals[signal] = made
    assert len(compare(lights_grid, signals, write, sumo_lights)) >= 0.8 * len(signals)


@pytest.fixture
def one_signal(four_arm, bundle):
    loaded = bundle(four_arm)
    width = loaded.network.signals["C"].group_count
    return SimpleNamespace(
        net=four_arm,
        phases=[(d, c * width) for d, c in GYR],
    )


# What 5 s of green, 3 s of yellow and 4 s of red look like from a begin on; a larger offset is later.
OFFSETS = [
    (0, 0, "GGGGGyyyrrrrGGGGGyyyrrrr"),
    (2, 0, "rrGGGGGyyyrrrrGGGGGyyyrr"),
    (-2, 0, "GGGyyyrrrrGGGGGyyyrrrrGG"),
    (2, 7, "yyyrrrrGGGGGyyyrrrrGGGGG"),
    (14, 7, "yyyrrrrGGGGGyyyrrrrGGGGG"),
]


@pytest.mark.parametrize("begin", [0, 7])
def test_sign_of_the_offset(lights_grid, bundle, write, sumo_lights, begin):
    signals = bundle(lights_grid).network.signals
    cases = [(o, e) for o, b, e in OFFSETS if b == begin]
    phases = {s: [(d, c * signals[s].group_count) for d, c in GYR] for s in signals}
    at = dict(zip(signals, cases, strict=False))
    raw = write("a.add.xml", additional(*(tl(s, "x", phases[s], o) for s, (o, _) in at.items())))
    plans = [read_programs([raw]).programs[s] for s in at]
    moved = [p.with_timing(p.greens_s, p.offset_s + 3) for p in plans]
    later = write("b.add.xml", additional_xml(moved))
    shown = sumo_lights(lights_grid, [raw], begin=begin, seconds=24).shown
    shifted = sumo_lights(lights_grid, [later], begin=begin, seconds=24).shown
    for plan in plans:
        offset, expected = at[plan.signal_id]
        assert "".join(s[0] for s in shown[plan.signal_id]) == expected
        assert "".join(state_of(plan.lights_at(begin + t))[0] for t in range(24)) == expected
        assert plan.offset_s == offset % 12
        assert "".join(s[0] for s in shifted[plan.signal_id])[3:] == expected[:-3]


def test_two_signals_keep_the_difference_of_their_offsets(lights_grid, bundle, write, sumo_lights):
    """A platoon's green wave: the second signal starts its green 9 s after the first."""
    width = {s.id: s.group_count for s in bundle(lights_grid).network.signals.values()}
    first, second = sorted(width)[:2]
    wave = [
        tl(s, "x", [(d, c * width[s]) for d, c in ((20, "G"), (3, "y"), (17, "r"))], offset)
        for s, offset in ((first, 31), (second, 40 + 0))
    ]
    lights = sumo_lights(lights_grid, [write("a.add.xml", additional(*wave))], begin=1, seconds=90)

    def start(signal):
        states = [s[0] for s in lights.shown[signal]]
        return next(t for t in range(1, 90) if states[t - 1] == "r" and states[t] == "G")

    assert (start(second) - start(first)) % 40 == 9
    plans = read_programs([write("b.add.xml", additional(*wave))]).programs
    assert (plans[second].offset_s - plans[first].offset_s) % 40 == 9


def test_offset_alone_moves_a_loaded_program(one_signal, write, sumo_lights):
    parts = tl("C", "x", one_signal.phases, 1), '<tlLogic id="C" programID="x" offset="2"/>'
    path = write("a.add.xml", additional(*parts))
    lights = sumo_lights(one_signal.net, [path], begin=7, seconds=24)
    plan = read_programs([one_signal.net, path]).programs["C"]
    assert lights.shown["C"] == [state_of(plan.lights_at(7 + t)) for t in range(24)]
    assert plan.offset_s == 2


def test_the_program_loaded_last_runs(one_signal, write, sumo_lights):
    late, early = (write(f"{n}.add.xml", additional(tl("C", n, one_signal.phases))) for n in "ba")
    for files in ([early, late], [late, early]):
        lights = sumo_lights(one_signal.net, files)
        plans = read_programs([one_signal.net, *files])
        assert lights.running["C"] == [plans.programs["C"].program_id]
        assert ("C", "0") in plans.alternatives


def test_timetables_switch_as_in_sumo(lights_grid, bundle, write, sumo_lights):
    signals = bundle(lights_grid).network.signals
    cases = [(0, 0), (50, 0), (0, 300), (50, 300), (250, 300)]
    at = dict(zip(signals, cases, strict=False))
    switches = '<wautSwitch time="100" to="b"/><wautSwitch time="200" to="c"/>'
    parts = []
    for signal, (reference, period) in at.items():
        phases = [(d, c * signals[signal].group_count) for d, c in GYR]
        parts += [tl(signal, n, phases) for n in "abcd"]
        every = f' period="{period}"' if period else ""
        parts.append(
            f'<WAUT refTime="{reference}" id="w{signal}" startProg="a"{every}>{switches}</WAUT>'
            f'<wautJunction wautID="w{signal}" junctionID="{signal}"/>'
        )
    path = write("w.add.xml", additional(*parts))
    schedule = read_programs([path]).schedule
    running = sumo_lights(lights_grid, [path], seconds=640).running
    for signal, case in at.items():
        told = [schedule.program_at(signal, t) for t in range(640)]
        assert told == running[signal], case
        assert len(set(told)) == 3


def test_half_seconds_are_not_taken_for_a_plan(one_signal, write):
    phases = [(d + 0.5, s) for d, s in one_signal.phases]
    program = read_programs([write("a.add.xml", additional(tl("C", "x", phases)))]).programs["C"]
    assert isinstance(program, VerbatimProgram)
    assert math.isclose(program.cycle_s, 13.5)
