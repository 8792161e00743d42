"""SUMO's command line, files that write nothing, programs under free names."""

import gzip
import os
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree as ET

import pytest

from signalopt.errors import InputError
from signalopt.io.sumo_inputs import (
    changed_programs,
    command_line,
    flow_ids,
    quiet_files,
)
from signalopt.io.sumo_plan import additional_xml, read_programs
from signalopt.model.control import Aspect, Stage, Transition
from signalopt.model.plan import PlanSet, SignalPlan
from signalopt.model.schedule import Schedule, Timetable
from signalopt.model.verbatim import VerbatimProgram

RED, GREEN = Aspect.RED, Aspect.GREEN


def plan(program_id="0", offset_s=0, signal_id="J1"):
    stages = [Stage(lights=lights, green_s=10) for lights in ((GREEN, RED), (RED, GREEN))]
    return SignalPlan(
        signal_id=signal_id,
        program_id=program_id,
        offset_s=offset_s,
        stages=tuple(stages),
        transitions=(Transition(), Transition()),
    )


def scenario(**more):
    """What the functions need of a scenario."""
    known = {
        "name": "town",
        "network_path": Path("town.net.xml"),
        "route_paths": (Path("a.rou.xml"), Path("b.rou.xml")),
        "additional_paths": (Path("types.add.xml"),),
        "start_s": 500.0,
        "end_s": 3600.5,
        "sumo_options": (),
        "network": SimpleNamespace(signals={"J1": None}),
        "plan": PlanSet(programs={"J1": plan()}),
    }
    return SimpleNamespace(**known | more)


def test_command_line(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    here = str(tmp_path)
    line = command_line(scenario(), seed=7)
    assert line[:12] == [
        "-n", f"{here}/town.net.xml", "-r", f"{here}/a.rou.xml,{here}/b.rou.xml",
        "-a", f"{here}/types.add.xml", "-b", "500", "-e", "3600.5", "--seed", "7",
    ]  # fmt: skip
    assert line[12:] == [
        "--step-length", "1", "--time-to-teleport", "300", "--no-step-log", "true",
        "--no-warnings", "true", "--verbose", "false", "--duration-log.disable", "true",
    ]  # fmt: skip


def test_own_options_replace_the_defaults_but_not_what_the_scenario_says():
    options = [
        ("time-to-teleport", "-1"), ("step-length", "0.5"), ("X", "never"),
        ("ignore-route-errors", ""),
        ("begin", "0"), ("seed", "9"), ("fcd-output", "big.xml"), ("tripinfo-output.x", "1"),
        ("net-file", "other"), ("save-state.times", "5"),
    ]  # fmt: skip
    line = command_line(scenario(sumo_options=tuple(options)), seed=1, additional=())
    assert "-a" not in line
    text = " ".join(line)
    assert "--time-to-teleport -1 " in text
    assert "--step-length 0.5 " in text
    assert text.endswith("-X never --ignore-route-errors")
    assert line.count("--seed") == 1
    assert not any(word in text for word in ("begin", "fcd", "tripinfo", "other", "save-state"))


def test_refuses_a_comma_in_a_path():
    strange = scenario(network_path=Path("/nets/a,b.net.xml"))
    with pytest.raises(InputError) as raised:
        command_line(strange, seed=1)
    assert str(raised.value) == (
        "/nets/a,b.net.xml has a comma in its path, where SUMO splits it; rename it"
    )


WRITERS = """<additional>
  <e1Detector id="1" lane="a_0" pos="1" file="x.xml"/>
  <laneAreaDetector id="2" lane="a_0" file="x.xml"/>
  <entryExitDetector id="3" file="x.xml"><detEntry lane="a_0" pos="1"/></entryExitDetector>
  <laneData id="4" file="x.xml"/> <routeProbe id="5" edge="a" file="x.xml"/>
  <calibrator id="6" edge="a" output="x.xml"/> <calibrator id="7" edge="a"/>
  <timedEvent type="SaveTLSStates" source="J1" dest="x.xml"/>
  <rerouter id="8" edges="a" file="closed.xml"/>
  <tlLogic id="J1" type="actuated" programID="1"><phase duration="5" state="G"/>
    <param key="file" value="x.xml"/><param key="freq" value="9"/></tlLogic>
</additional>"""


@pytest.mark.parametrize("name", ["writers.add.xml", "writers.add.xml.gz"])
def test_writers_get_a_copy_that_writes_nothing(tmp_path, name):
    path = tmp_path / name
    data = WRITERS.encode()
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    plain = tmp_path / "plain.add.xml"
    plain.write_text('<additional><vType id="t" imgFile="car.png"/></additional>')
    copies = tmp_path / "copies"
    copies.mkdir()
    first, second = quiet_files([path, plain], copies)
    assert second == plain
    assert first.parent == copies
    root = ET.parse(first).getroot()
    null = os.devnull
    files = [e.get("file") for e in root if e.tag != "rerouter" and e.get("file")]
    assert files == [null] * 5
    assert [e.get("output") for e in root.iter("calibrator")] == [null, None]
    assert root.find("timedEvent").get("dest") == null
    assert root.find("rerouter").get("file") == str(tmp_path / "closed.xml")
    assert {p.get("key"): p.get("value") for p in root.iter("param")} == {"file": null, "freq": "9"}
    assert len(root) == len(ET.fromstring(WRITERS))


def test_included_files_are_silenced_too(tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "inner.xml").write_text(
        '<additional><edgeData id="e" file="x"/></additional>'
    )
    (tmp_path / "harmless.xml").write_text("<additional/>")
    outer = tmp_path / "outer.add.xml"
    outer.write_text(
        '<additional><include href="deep/inner.xml"/><include href="harmless.xml"/></additional>'
    )
    copies = tmp_path / "copies"
    copies.mkdir()
    (copy,) = quiet_files([outer], copies)
    inner, harmless = (Path(e.get("href")) for e in ET.parse(copy).getroot())
    assert ET.parse(inner).getroot()[0].get("file") == os.devnull
    assert harmless == tmp_path / "harmless.xml"


def test_released_signals_leave_their_timetable(tmp_path):
    path = tmp_path / "waut.add.xml"
    joined = "".join(f'<wautJunction wautID="w" junctionID="J{k}"/>' for k in (1, 2))
    path.write_text(f'<additional><WAUT id="w" startProg="0"/>{joined}</additional>')
    assert quiet_files([path], tmp_path) == (path,)
    copies = tmp_path / "copies"
    copies.mkdir()
    (copy,) = quiet_files([path], copies, released=frozenset({"J1"}))
    assert [e.get("junctionID") for e in ET.parse(copy).getroot().iter("wautJunction")] == ["J2"]


def test_flow_ids(tmp_path):
    path = tmp_path / "a.rou.xml"
    path.write_text('<routes><flow id="f" begin="0"/><vehicle id="v"/></routes>')
    other = tmp_path / "b.rou.xml"
    other.write_text('<routes><vehicle id="flow"/></routes>')
    assert flow_ids([path, other]) == {"f"}


def test_only_changed_programs_are_written_under_free_names():
    two = {"J1": plan(), "J2": plan(signal_id="J2")}
    town = scenario(
        plan=PlanSet(programs=two, alternatives={("J1", "am"): plan("am")}),
        network=SimpleNamespace(signals=dict.fromkeys(two)),
    )
    assert changed_programs(town, town.plan) == {}
    for wanted, written in [("0", "0-2"), ("am", "am-2"), ("pm", "pm"), ("off", "off-2")]:
        changed = changed_programs(town, town.plan.with_plans([plan(wanted, offset_s=3)]))
        assert {k: p.program_id for k, p in changed.items()} == {"J1": written}


def test_refuses_another_timetable():
    day = Timetable(
        id="w", reference_s=0, period_s=0, start_program_id="0", switches=(), signal_ids=("J1",)
    )
    other = replace(scenario().plan, schedule=Schedule(timetables=(day,)))
    with pytest.raises(InputError) as raised:
        changed_programs(scenario(), other)
    assert str(raised.value) == (
        "the plan has other timetables than town; evaluate one program at a time"
    )


def test_programs_of_all_kinds_survive_writing(tmp_path):
    source = tmp_path / "source.add.xml"
    source.write_text(
        '<additional><tlLogic id="J1" type="actuated" programID="1" offset="4">'
        '<phase duration="20" minDur="5" maxDur="40" state="Gr"/><phase duration="3" state="yr"/>'
        '<phase duration="20" state="rG"/><param key="max-gap" value="2"/></tlLogic></additional>'
    )
    responsive = read_programs([source], {"J1": 2}).programs["J1"]
    assert isinstance(responsive, VerbatimProgram)
    fixed = plan("x", offset_s=5, signal_id="J2")
    copy = tmp_path / "copy.add.xml"
    copy.write_text(additional_xml([replace(responsive, program_id="2"), fixed]))
    again = read_programs([copy], {"J1": 2, "J2": 2}).programs
    assert again["J1"].phases == responsive.phases
    assert again["J1"].parameters == (("max-gap", "2"),)
    assert (again["J1"].program_id, again["J1"].offset_s) == ("2", 4)
    assert again["J2"].intervals == fixed.intervals
    assert again["J2"].offset_s == 5
