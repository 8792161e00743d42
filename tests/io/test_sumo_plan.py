"""Signal programs in SUMO's format: reading, writing, and which of them runs."""

import hypothesis.strategies as st
import pytest
from hypothesis import given

from signalopt.errors import InputError
from signalopt.io.sumo_net import read_network
from signalopt.io.sumo_plan import additional_xml, logic_element, read_programs, running_at
from signalopt.io.sumo_states import ASPECT_OF_LETTER, lights_of, state_of
from signalopt.model.control import Aspect
from signalopt.model.plan import SignalPlan
from signalopt.model.verbatim import Control, VerbatimPhase, VerbatimProgram

LETTERS = "ruyYgGsoO"


def tl(signal, program, phases, *, offset=0, kind="static", more=""):
    body = "".join(f'<phase duration="{d}" state="{s}"/>' for d, s in phases)
    return (
        f'<tlLogic id="{signal}" type="{kind}" programID="{program}" offset="{offset}">'
        f"{body}{more}</tlLogic>"
    )


def additional(*parts):
    return "<additional>" + "".join(parts) + "</additional>"


TWO_STAGES = [(20, "Gr"), (3, "yr"), (2, "rr"), (10, "rG"), (4, "ry"), (1, "ru")]


def test_every_letter_has_its_aspect_and_back():
    assert {letter: ASPECT_OF_LETTER[letter] for letter in LETTERS} == {
        "r": Aspect.RED,
        "u": Aspect.RED_YELLOW,
        "y": Aspect.YELLOW,
        "Y": Aspect.YELLOW_PRIORITY,
        "g": Aspect.PERMISSIVE,
        "G": Aspect.GREEN,
        "s": Aspect.STOP_THEN_GO,
        "o": Aspect.FLASHING,
        "O": Aspect.OFF,
    }
    assert state_of(lights_of(LETTERS)) == LETTERS
    assert lights_of("R") == (Aspect.RED,)


def test_hand_worked_program(write):
    """The first stage starts 5 s into the file's cycle, so its offset is 5 s later."""
    rotated = [(2, "rr"), (3, "ru"), (10, "rG"), (4, "ry"), (1, "rr"), (20, "Gr"), (3, "yr")]
    path = write("tl.add.xml", additional(tl("J", "p", rotated, offset=7)))
    plan = read_programs([path]).programs["J"]
    assert [(state_of(s.lights), s.green_s) for s in plan.stages] == [("rG", 10), ("Gr", 20)]
    assert [t.duration_s for t in plan.transitions] == [5, 8]
    assert (plan.cycle_s, plan.offset_s, plan.source_offset_s) == (43, 12, 7)
    assert (plan.splits_s, plan.cycle_lost_time_s) == ((15, 28), 13)
    element = logic_element(plan)
    assert element.attrib == {"id": "J", "type": "static", "programID": "p", "offset": "12"}
    assert [(p.get("duration"), p.get("state")) for p in element] == [
        ("10", "rG"),
        ("4", "ry"),
        ("1", "rr"),
        ("20", "Gr"),
        ("3", "yr"),
        ("2", "rr"),
        ("3", "ru"),
    ]


@st.composite
def programs(draw):
    """Programs of every shape: any letters, wrapped stages, lights that never change."""
    width = draw(st.integers(1, 5))
    state = st.text(st.sampled_from(LETTERS), min_size=width, max_size=width)
    usual = st.text(st.sampled_from("rgGyu"), min_size=width, max_size=width)
    phases = draw(st.lists(st.tuples(st.integers(1, 25), state | usual), min_size=1, max_size=9))
    if draw(st.booleans()):  # the last state runs on into the first
        phases.append((draw(st.integers(1, 9)), phases[0][1]))
    if draw(st.booleans()):  # one group keeps its green throughout
        phases = [(d, "G" + s[1:]) for d, s in phases]
    offset = draw(st.integers(-50, 200))
    return phases, offset


def second_by_second(phases, offset, time):
    """What SUMO shows: at time t the second (t - offset) modulo the cycle of the file."""
    seconds = [state for duration, state in phases for _ in range(duration)]
    return seconds[(time - offset) % len(seconds)]


@given(programs())
def test_random_programs_keep_their_lights_second_by_second(tmp_path_factory, given_program):
    phases, offset = given_program
    path = tmp_path_factory.getbasetemp() / "random.add.xml"
    path.write_text(additional(tl("J", "p", phases, offset=offset)))
    program = read_programs([path]).programs["J"]
    cycle = sum(d for d, _ in phases)
    assert program.cycle_s == cycle
    if isinstance(program, VerbatimProgram):
        # Only where no state could be a stage: all show yellow, dark lights or no changing green.
        steady = [s for _, s in phases if set(s) <= set("rgGs")]
        changing = [
            g
            for g in range(len(phases[0][1]))
            if not all(s[g] in "gG" for _, s in phases)
            or set("".join(s for _, s in phases)) <= set("gG")
        ]
        assert not any(s[g] in "gG" for s in steady for g in changing)
        assert [(p.duration_s, state_of(p.lights)) for p in program.phases] == phases
        return
    shown = [state_of(program.lights_at(t)) for t in range(cycle)]
    assert shown == [second_by_second(phases, offset, t) for t in range(cycle)]
    assert all(s.green_s > 0 for s in program.stages)
    # Written and read again it is the same plan, its file's offset now that of the first stage.
    path.write_text(additional_xml([program]))
    again = read_programs([path]).programs["J"]
    assert [state_of(again.lights_at(t)) for t in range(cycle)] == shown
    assert again == program


@given(programs())
def test_lights_table_is_the_cycle_from_the_first_stage(tmp_path_factory, given_program):
    phases, offset = given_program
    path = tmp_path_factory.getbasetemp() / "table.add.xml"
    path.write_text(additional(tl("J", "p", phases, offset=offset)))
    program = read_programs([path]).programs["J"]
    if isinstance(program, SignalPlan):
        table = program.lights_table()
        assert table.shape == (program.cycle_s, len(phases[0][1]))
        for second, row in enumerate(table):
            assert tuple(row) == program.lights_at(program.offset_s + second)


def test_stages_are_states_of_five_seconds_without_yellow(write):
    phases = [(30, "Grg"), (4, "Grr"), (3, "yrr"), (5, "rrr"), (8, "rGr"), (3, "ryr"), (2, "rrr")]
    plan = read_programs([write("a.add.xml", additional(tl("J", "p", phases)))]).programs["J"]
    assert [state_of(s.lights) for s in plan.stages] == ["Grg", "rGr"]
    assert [t.duration_s for t in plan.transitions] == [12, 5]


def test_constant_green_makes_no_stage_by_itself(write):
    phases = [(20, "GrG"), (3, "yrG"), (7, "rrG"), (10, "rGG"), (3, "ryG"), (6, "rrG")]
    plan = read_programs([write("a.add.xml", additional(tl("J", "p", phases)))]).programs["J"]
    assert [state_of(s.lights) for s in plan.stages] == ["GrG", "rGG"]


def test_last_loaded_program_runs_and_the_others_stay(write):
    net = write("net.add.xml", additional(tl("J", "0", TWO_STAGES), tl("J", "1", TWO_STAGES)))
    extra = write("x.add.xml", additional(tl("J", "2", TWO_STAGES, offset=3)))
    plans = read_programs([net, extra])
    assert plans.programs["J"].program_id == "2"
    assert set(plans.alternatives) == {("J", "0"), ("J", "1")}
    assert read_programs([extra, net]).programs["J"].program_id == "1"


def test_logic_without_phases_moves_the_offset_of_a_loaded_program(write):
    first = write(
        "a.add.xml", additional(tl("J", "0", TWO_STAGES, offset=35), tl("J", "1", TWO_STAGES))
    )
    moved = write("b.add.xml", additional('<tlLogic id="J" programID="1" offset="9"/>'))
    plan = read_programs([first, moved]).programs["J"]
    assert (plan.program_id, plan.offset_s, plan.source_offset_s) == ("1", 9, 9)
    older = write("c.add.xml", additional('<tlLogic id="J" programID="0" offset="38"/>'))
    plans = read_programs([first, older])
    assert (plans.programs["J"].program_id, plans.programs["J"].offset_s) == ("1", 0)
    assert plans.alternatives["J", "0"].offset_s == 38


def test_fractional_offset_is_kept_verbatim_and_not_cut(write):
    first = write("a.add.xml", additional(tl("J", "0", TWO_STAGES)))
    moved = write("b.add.xml", additional('<tlLogic id="J" programID="0" offset="2.5"/>'))
    program = read_programs([first, moved]).programs["J"]
    assert isinstance(program, VerbatimProgram)
    assert (program.offset_s, program.cycle_s) == (2.5, 40)
    assert program.reason == "its offset is not in whole seconds"


def test_static_program_out_of_order_or_in_half_seconds_is_kept(write):
    nexts = additional(
        '<tlLogic id="J" type="static" programID="p" offset="0">'
        '<phase duration="20" state="Gr" next="1"/><phase duration="20" state="rG" next="0"/>'
        "</tlLogic>"
    )
    program = read_programs([write("a.add.xml", nexts)]).programs["J"]
    assert (program.control, program.reason) == (
        Control.FIXED,
        "its phases do not follow each other in order",
    )
    halves = additional(
        '<tlLogic id="J" type="static" programID="p" offset="0">'
        '<phase duration="20.5" minDur="5" state="Gr"/><phase duration="20" state="rG"/></tlLogic>'
    )
    program = read_programs([write("b.add.xml", halves)]).programs["J"]
    assert program.reason == "it has no whole-second stages"
    # A static program runs its durations; a minimum beside them means nothing.
    assert [i.duration_s for i in program.intervals] == [20.5, 20]


def test_durations_as_clock_times(write):
    path = write("a.add.xml", additional(tl("J", "p", [("0:00:20", "Gr"), (15, "rG")])))
    assert read_programs([path]).programs["J"].greens_s == (20, 15)


@pytest.mark.parametrize("kind", ["actuated", "delay_based", "NEMA"])
def test_responsive_programs_are_kept_with_their_limits(write, kind):
    body = (
        f'<tlLogic id="J" type="{kind}" programID="p" offset="4">'
        '<phase duration="20" minDur="6" maxDur="50" state="Gr" name="main"/>'
        '<phase duration="3" state="yr"/><phase minDur="7" maxDur="30" state="rG"/>'
        '<phase duration="3" state="ry"/><param key="max-gap" value="2.5"/></tlLogic>'
    )
    program = read_programs([write("a.add.xml", additional(body))]).programs["J"]
    assert (program.control.value, program.reason) == (kind, f"it is {kind}")
    assert [(p.duration_s, p.min_duration_s, p.max_duration_s) for p in program.phases] == [
        (20, 6, 50),
        (3, 3, 3),
        (7, 7, 30),
        (3, 3, 3),
    ]
    assert program.parameters == (("max-gap", "2.5"),)
    assert dict(program.attributes)["offset"] == "4"
    assert dict(program.phases[0].attributes)["name"] == "main"
    assert [i.duration_s for i in program.intervals] == [6, 3, 7, 3]


def test_actuated_program_of_netconvert(actuated, bundle):
    loaded = bundle(actuated)
    program = loaded.plans.programs["C"]
    assert program.control is Control.ACTUATED
    raw = loaded.root.find("tlLogic")
    assert [dict(p.attributes) for p in program.phases] == [p.attrib for p in raw.iter("phase")]
    responsive = [p for p in raw.iter("phase") if p.get("minDur")]
    assert responsive
    assert {float(p.get("minDur")) for p in responsive} <= {
        p.min_duration_s for p in program.phases if p.max_duration_s > p.min_duration_s
    }


def test_all_minimum_durations_zero_still_shows_something(write):
    body = (
        '<tlLogic id="J" type="actuated" programID="p">'
        '<phase duration="9" minDur="0" state="Gr"/><phase duration="8" minDur="0" state="rG"/>'
        "</tlLogic>"
    )
    program = read_programs([write("a.add.xml", additional(body))]).programs["J"]
    assert [i.duration_s for i in program.intervals] == [9, 8]


def test_timetable_names_the_running_program(write):
    day = (
        '<WAUT refTime="0" id="day" startProg="night" period="86400">'
        '<wautSwitch time="6:00:00" to="am"/><wautSwitch time="32400" to="off_peak"/></WAUT>'
        '<wautJunction wautID="day" junctionID="J"/>'
    )
    names = ("night", "am", "off_peak", "spare")
    logics = [tl("J", n, TWO_STAGES, offset=k) for k, n in enumerate(names)]
    plans = read_programs([write("a.add.xml", additional(*logics, day))])
    assert plans.programs["J"].program_id == "spare"
    for hour, name in ((0, "night"), (5.99, "night"), (6, "am"), (9, "off_peak"), (23, "off_peak")):
        running = running_at(plans, hour * 3600)
        assert running.programs["J"].program_id == name
        assert set(running.alternatives) == {("J", n) for n in names if n != name}
    # The second day begins with what ran last.
    assert running_at(plans, 86400 + 3600).programs["J"].program_id == "off_peak"
    assert running_at(plans, 86400 + 7 * 3600).programs["J"].program_id == "am"


def test_signal_without_timetable_keeps_the_loaded_program(write):
    plans = read_programs([write("a.add.xml", additional(tl("J", "p", TWO_STAGES)))])
    assert running_at(plans, 1e6).programs == plans.programs


BROKEN = [
    (
        tl("K", "p", TWO_STAGES),
        "program 'p' of signal 'K': the network has no such signal; check the id",
    ),
    (
        tl("J", "p", [(20, "G")]),
        "program 'p' of signal 'J': state 'G' has 1 lights, the signal has 2 groups",
    ),
    (
        tl("J", "p", [(20, "Gx"), (5, "rq")]),
        "program 'p' of signal 'J': state 'Gx' has unknown lights 'x'; use ruyYgGsoOR",
    ),
    (
        tl("J", "p", [(20, "Gr"), (5, "rGr")]),
        "program 'p' of signal 'J': its states have different lengths; give all the same",
    ),
    (
        tl("J", "p", [(-4, "Gr"), (5, "rG")]),
        "program 'p' of signal 'J': a phase lasts -4 s; durations must not be negative",
    ),
    (
        '<tlLogic id="J" type="actuated" programID="p"><phase duration="9" minDur="-2" state="Gr"/>'
        "</tlLogic>",
        "program 'p' of signal 'J': a phase lasts -2 s; durations must not be negative",
    ),
    (
        tl("J", "p", [(0, "Gr"), (0, "rG")]),
        "program 'p' of signal 'J': its phases last 0 s altogether; give them durations",
    ),
    (
        tl("J", "p", [("soon", "Gr")]),
        "program 'p' of signal 'J': duration is 'soon'; it must be a number of seconds or HH:MM:SS",
    ),
    (
        tl("J", "p", [("nan", "Gr")]),
        "program 'p' of signal 'J': duration is 'nan'; it must be finite",
    ),
    (
        tl("J", "p", [("inf", "Gr")]),
        "program 'p' of signal 'J': duration is 'inf'; it must be finite",
    ),
    (
        tl("J", "p", TWO_STAGES, offset="begin"),
        "program 'p' of signal 'J': offset is 'begin'; it must be a number of seconds or HH:MM:SS",
    ),
    (
        '<tlLogic id="J" programID="p"><phase state="Gr"/></tlLogic>',
        "program 'p' of signal 'J': duration is missing; add it",
    ),
    (
        '<tlLogic id="J" programID="p" offset="3"/>',
        "program 'p' of signal 'J': it has no phases and no program loaded before; add phases",
    ),
    (
        '<WAUT id="w"><wautSwitch to="p"/></WAUT>',
        "timetable 'w': time is missing; add it",
    ),
    (
        '<wautJunction wautID="w" junctionID="J"/>',
        "signal 'J' follows timetable 'w', which is not defined before; define it",
    ),
]


@pytest.mark.parametrize(("body", "message"), BROKEN)
def test_broken_program_is_refused_in_one_sentence(write, body, message):
    path = write("broken.add.xml", additional(body))
    with pytest.raises(InputError) as caught:
        read_programs([path], {"J": 2})
    assert str(caught.value) == f"{path}: {message}"


def test_any_signal_is_read_for_the_rules_to_judge(write):
    path = write("a.add.xml", additional(tl("nobody", "p", [(20, "G"), (5, "r")])))
    assert set(read_programs([path]).programs) == {"nobody"}


def test_signal_of_the_fixture_has_a_whole_program(four_arm):
    network = read_network(four_arm)
    plan = read_programs([four_arm], {"C": network.signals["C"].group_count}).programs["C"]
    assert plan.group_count == network.signals["C"].group_count
    assert plan.cycle_s == sum(plan.splits_s)


def test_a_program_that_no_file_said_is_written_whole():
    """Made in Python, it has no attributes of a file; SUMO needs type, times and state."""
    phases = [
        VerbatimPhase(
            duration_s=20.0, min_duration_s=5.0, max_duration_s=50.0, lights=lights_of("Gr"),
            attributes=(),
        ),
        VerbatimPhase(
            duration_s=3.0, min_duration_s=3.0, max_duration_s=3.0, lights=lights_of("yr"),
            attributes=(),
        ),
    ]  # fmt: skip
    program = VerbatimProgram(
        signal_id="J1", program_id="1", offset_s=0.0, control=Control.ACTUATED, reason="",
        phases=tuple(phases),
    )  # fmt: skip
    element = logic_element(program)
    assert element.get("type") == "actuated"
    assert [dict(phase.attrib) for phase in element] == [
        {"duration": "20", "minDur": "5", "maxDur": "50", "state": "Gr"},
        {"duration": "3", "minDur": "3", "maxDur": "3", "state": "yr"},
    ]
