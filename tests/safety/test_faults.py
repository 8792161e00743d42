"""Faults planted in safe programs: every one is found, and safe changes are let through.

The faults are planted in the second-by-second table of a bundled program, so that nothing of the
rules' own view of greens and stages is used to plant them.
"""

import itertools
import random
from types import SimpleNamespace

import pytest

from signalopt.io.sumo_plan import read_programs
from signalopt.safety.guard import check_plans, network_limits
from signalopt.safety.rules import Severity

TRIALS = 25


@pytest.fixture(scope="module")
def scene(bundled, tmp_path_factory):
    path = tmp_path_factory.mktemp("faults") / "plan.add.xml"
    limits = network_limits(bundled.network, bundled.plans, bundled.constraints)
    tables = {
        t.get("id"): [
            list(p.get("state")) for p in t.iter("phase") for _ in range(int(p.get("duration")))
        ]
        for t in bundled.root.iter("tlLogic")
    }
    pedestrian = {
        s.id: {g for c in s.crossings for g in c.groups} for s in bundled.network.signals.values()
    }

    def judge(text):
        path.write_text(f"<additional>{text}</additional>")
        found = check_plans(read_programs([path]).programs.values(), limits)
        return {f.rule for f in found if f.severity is Severity.ERROR}

    return SimpleNamespace(
        tables=tables, pedestrian=pedestrian, judge=judge, bundled=bundled, limits=limits
    )


def logic(signal, table, *, offset=0, change=None):
    """A tlLogic of a table with one state per second; `change` may alter the phases."""
    phases = [(len(list(run)), "".join(s)) for s, run in itertools.groupby(table)]
    phases = change(phases) if change else phases
    body = "".join(f'<phase duration="{d}" state="{s}"/>' for d, s in phases)
    return f'<tlLogic id="{signal}" type="static" programID="f" offset="{offset}">{body}</tlLogic>'


def runs(table, group, letters):
    """(first second, length) of each time in which a group shows some letters, across the end."""
    n, on = len(table), [row[group] in letters for row in table]
    starts = [t for t in range(n) if on[t] and not on[t - 1]]
    return [(t, next(k for k in range(1, n + 1) if not on[(t + k) % n])) for t in starts]


def paint(table, group, start, length, letter):
    made = [list(row) for row in table]
    for t in range(start, start + length):
        made[t % len(made)][group] = letter
    return made


def shorten_yellow(signal, scene, numbers):
    table = scene.tables[signal]
    yellows = {g: runs(table, g, "yY") for g in range(len(table[0]))}
    group = numbers.choice([g for g, found in yellows.items() if found])
    start, length = min(yellows[group], key=lambda run: run[1])
    cut = numbers.randint(1, length)
    return logic(signal, paint(table, group, start + length - cut, cut, "r"))


def cut_green(signal, scene, numbers):
    table = scene.tables[signal]
    greens = {g: runs(table, g, "gG") for g in range(len(table[0]))}
    group = numbers.choice([g for g, found in greens.items() if found])
    least = min([7 if group in scene.pedestrian[signal] else 5, *(n for _, n in greens[group])])
    start, length = numbers.choice(greens[group])
    if least == 1:
        return None
    keep = numbers.randint(1, least - 1)
    yellow = sum(n for t, n in runs(table, group, "yY") if t == (start + length) % len(table))
    made = paint(table, group, start, length + yellow, "r")
    made = paint(made, group, start, keep, "G")
    return logic(signal, paint(made, group, start + keep, yellow, "y"))


def starve(signal, scene, numbers):
    table = scene.tables[signal]
    group = numbers.choice([g for g in range(len(table[0])) if any(r[g] in "gG" for r in table)])
    return logic(signal, paint(table, group, 0, len(table), "r"))


def set_both_green(signal, scene, numbers):
    table = scene.tables[signal]
    conflicts = scene.bundled.network.signals[signal].conflicts
    pairs = [
        (a, b)
        for a, b in itertools.permutations(range(len(conflicts)), 2)
        if conflicts[a, b]
        and any(row[a] == "G" for row in table)
        and not any(row[a] == row[b] == "G" for row in table)
    ]
    a, b = numbers.choice(pairs)
    second = numbers.choice([t for t, row in enumerate(table) if row[a] == "G"])
    return logic(signal, paint(table, b, second, 1, "G"))


def remove_all_red(signal, scene, numbers):
    table = scene.tables[signal]
    red = [t for t, row in enumerate(table) if set(row) <= set("ru")]
    if not red:
        return None
    second = numbers.choice(red)
    return logic(signal, table[:second] + table[second + 1 :])


def wrong_width(signal, scene, numbers):
    more = numbers.choice([lambda s: s[:-1], lambda s: s + "r", lambda s: s + "G"])
    return logic(
        signal, scene.tables[signal], change=lambda phases: [(d, more(s)) for d, s in phases]
    )


def half_seconds(signal, scene, numbers):
    def change(phases):
        k = numbers.randrange(len(phases))
        longer = phases[k][0] + numbers.choice([0.5, 0.25, -0.5])
        return [*phases[:k], (longer, phases[k][1]), *phases[k + 1 :]]

    return logic(signal, scene.tables[signal], change=change)


def bad_offset(signal, scene, numbers):
    cycle = len(scene.tables[signal])
    return logic(signal, scene.tables[signal], offset=numbers.choice([cycle, cycle + 13, -1, -40]))


def bad_cycle(signal, scene, numbers):
    def change(phases):
        k = max(range(len(phases)), key=lambda i: phases[i][0])
        return [
            *phases[:k],
            (phases[k][0] + numbers.randint(121, 300), phases[k][1]),
            *phases[k + 1 :],
        ]

    return logic(signal, scene.tables[signal], change=change)


def unknown_signal(signal, scene, numbers):
    return logic(f"{signal}_{numbers.randint(0, 9)}", scene.tables[signal])


FAULTS = {
    shorten_yellow: {"yellow_time"},
    cut_green: {"minimum_green"},
    starve: {"starved_movement"},
    set_both_green: {"protected_conflict"},
    remove_all_red: {"clearance_time", "pedestrian_clearance"},
    wrong_width: {"state_width"},
    half_seconds: {"whole_seconds"},
    bad_offset: {"offset_range"},
    bad_cycle: {"cycle_range"},
    unknown_signal: {"unknown_signal"},
}


@pytest.mark.parametrize("plant", FAULTS, ids=lambda f: f.__name__)
def test_every_planted_fault_is_found(scene, plant):
    numbers, planted = random.Random(plant.__name__), 0
    signals = sorted(scene.tables)
    for _ in range(TRIALS):
        signal = numbers.choice(signals)
        text = plant(signal, scene, numbers)
        if text is not None:
            planted += 1
            assert scene.judge(text) & FAULTS[plant], text
    if plant is remove_all_red and not planted:
        pytest.skip("no program of this scenario shows red to everyone")
    assert planted > TRIALS // 2


def test_longer_greens_other_offsets_and_rotated_cycles_are_safe(scene):
    numbers = random.Random(5)
    for _ in range(3 * TRIALS):
        signal = numbers.choice(sorted(scene.tables))
        table = scene.tables[signal]
        room = scene.limits[signal].max_cycle_s - len(table)
        steady = [
            t for t, row in enumerate(table) if set(row) <= set("rgG") and set(row) & set("gG")
        ]
        made = list(table)
        for t in sorted(numbers.sample(steady, 3), reverse=True):
            made[t:t] = [made[t]] * numbers.randint(0, max(room // 3, 0))
        turn = numbers.randrange(len(made))
        made = made[turn:] + made[:turn]
        text = logic(signal, made, offset=numbers.randrange(len(made)))
        assert scene.judge(text) == set(), text


def test_plans_with_other_timing_are_safe(scene):
    """Whatever offset the source had: a shorter cycle must not be blamed for it."""
    numbers = random.Random(6)
    for signal, plan in scene.bundled.plans.plans.items():
        greens = [g + numbers.randint(0, 3) for g in plan.greens_s]
        moved = plan.with_timing(greens, numbers.randrange(-500, 500))
        found = check_plans([moved], {signal: scene.limits[signal]})
        assert [str(f) for f in found] == []
