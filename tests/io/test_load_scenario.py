"""Loading whole scenarios, and what is refused on the way."""

import re
import shutil
from pathlib import Path

import pytest

from signalopt.errors import InputError
from signalopt.io.scenario import load_files, load_scenario
from signalopt.io.sumo_config import read_sumo_config
from signalopt.model.objective import Objective
from signalopt.model.scenario import Constraints

ROUTE = '<route edges="w_in e_out"/>'


def routes(*departs):
    return (
        "<routes>"
        + "".join(f'<vehicle id="v{t}" depart="{t}">{ROUTE}</vehicle>' for t in departs)
        + "</routes>"
    )


TOML = """\
name = "corner"
network = "a.net.xml"
demand = ["a.rou.xml"]
warm_up_s = 50

[periods.am]
begin_s = 100
end_s = 200

[periods.late]
begin_s = 20
end_s = 500
"""


@pytest.fixture
def folder(four_arm, tmp_path, write):
    shutil.copy(four_arm, tmp_path / "a.net.xml")
    write("a.rou.xml", routes(5, 100, 150, 199, 200, 450))
    write("scenario.toml", TOML)
    return tmp_path


def config(*parts, net="a.net.xml", demand="a.rou.xml"):
    files = f'<net-file value="{net}"/>' if net else ""
    files += f'<route-files value="{demand}"/>' if demand else ""
    return f"<configuration><input>{files}</input>{''.join(parts)}</configuration>"


def refused(use, *arguments, **options):
    with pytest.raises(InputError) as caught:
        use(*arguments, **options)
    return str(caught.value)


def test_folder_with_its_first_period(folder):
    scenario = load_scenario(folder)
    assert (scenario.begin_s, scenario.end_s, scenario.start_s) == (100, 200, 50)
    assert scenario.name == "corner am"
    assert scenario.source == folder / "scenario.toml"
    assert scenario.demand.due(scenario.begin_s, scenario.end_s) == 3
    assert set(scenario.plan.programs) == {"C"}
    assert repr(scenario) == "<Scenario corner am: 1 signals, 3 vehicles due in 100 to 200 s>"


def test_named_period_starts_no_earlier_than_zero(folder):
    scenario = load_scenario(folder / "scenario.toml", period="late")
    assert (scenario.begin_s, scenario.warm_up_s, scenario.start_s) == (20, 20, 0)


def test_window_given_by_hand(folder):
    scenario = load_scenario(folder, begin_s=0, end_s=10)
    assert (scenario.begin_s, scenario.end_s) == (0, 10)
    assert scenario.demand.due(0, 10) == 1


@pytest.mark.parametrize(
    ("departs", "end_s", "due"),
    [
        ((5, 450), 900, 2),
        ((0,), 900, 1),
        ((5, 899.9), 900, 2),
        ((5, 900), 900, 1),  # who departs on the full quarter does not open another
        ((5, 901), 1800, 2),
    ],
)
def test_window_without_an_end(folder, write, departs, end_s, due):
    write("a.rou.xml", routes(*departs))
    scenario = load_files(folder / "a.net.xml", (folder / "a.rou.xml",))
    assert scenario.end_s == end_s
    assert scenario.demand.due(scenario.begin_s, scenario.end_s) == due


def test_sumo_configuration(folder, write):
    write("lights.add.xml", "<additional/>")
    options = (
        '<additional-files value="lights.add.xml"/>',
        '<time><begin value="0:01:40"/><end value="300"/></time>',
        '<processing><ignore-route-errors value="true"/><step-length value="0.5"/></processing>',
        '<output><tripinfo-output value="trips.xml"/></output>',
        '<report><no-step-log value="true"/></report><random_number><seed value="4"/></random_number>',
    )
    path = write("corner.sumocfg", config(*options))
    scenario = load_scenario(path)
    assert (scenario.name, scenario.begin_s, scenario.end_s) == ("corner", 100, 300)
    assert scenario.additional_paths == (folder / "lights.add.xml",)
    assert dict(scenario.sumo_options).items() >= {
        ("ignore-route-errors", "true"),
        ("step-length", "0.5"),
    }
    assert not {"begin", "end", "net-file", "route-files"} & dict(scenario.sumo_options).keys()
    assert scenario.network_path == folder / "a.net.xml"


def test_configuration_without_an_end(folder, write):
    end = '<time><end value="-1"/></time>'
    assert read_sumo_config(write("a.sumocfg", config(end))).end_s is None


def test_options_that_name_files_are_found_beside_the_configuration(folder, write):
    path = write("a.sumocfg", config('<routing><weight-files value="w.xml"/></routing>'))
    assert read_sumo_config(path).options == (("weight-files", str(folder / "w.xml")),)


def test_folder_with_one_configuration(folder, write):
    (folder / "scenario.toml").unlink()
    write("run.sumocfg", config())
    assert load_scenario(folder).name == folder.name
    write("other.sumocfg", config())
    assert refused(load_scenario, folder) == (
        f"folder {folder} holds 2 .sumocfg files; name the file to use"
    )


def test_the_running_program_is_that_of_the_window(folder, write):
    logics = "".join(
        f'<tlLogic id="C" type="static" programID="{p}" offset="0">'
        f'<phase duration="20" state="{"G" * 16}"/></tlLogic>'
        for p in ("night", "day")
    )
    waut = (
        '<WAUT id="w" refTime="0" startProg="night"><wautSwitch time="100" to="day"/></WAUT>'
        '<wautJunction wautID="w" junctionID="C"/>'
    )
    path = write("t.add.xml", f"<additional>{logics}{waut}</additional>")
    for begin_s, program in ((0, "night"), (100, "day")):
        scenario = load_files(
            folder / "a.net.xml", (folder / "a.rou.xml",), (path,), begin_s=begin_s, end_s=500
        )
        assert scenario.plan.programs["C"].program_id == program


def test_bad_folders_and_names(folder, tmp_path, write):
    empty = tmp_path / "empty"
    empty.mkdir()
    assert refused(load_scenario, empty) == (
        f"folder {empty} holds neither scenario.toml nor .sumocfg; name the file to use"
    )
    assert refused(load_scenario, folder / "a.net.xml") == (
        f"{folder / 'a.net.xml'} is neither a scenario.toml nor a .sumocfg; "
        "for a bare network use --net and --routes"
    )
    assert refused(load_scenario, folder / "gone") == (
        f"scenario {folder / 'gone'} does not exist; check the path"
    )
    assert refused(load_scenario, folder, period="noon") == (
        f"scenario {folder / 'scenario.toml'} has no period 'noon'; it has am, late"
    )
    path = write("a.sumocfg", config())
    assert refused(load_scenario, path, period="am") == (
        f"{path} has no periods; use --begin and --end"
    )


@pytest.mark.parametrize(
    ("begin_s", "end_s", "message"),
    [
        (
            451,
            900,
            "nobody departs in the window 451 to 900 s (departures lie in 5 to 450 s); "
            "change --begin and --end",
        ),
        (
            0,
            5,
            "nobody departs in the window 0 to 5 s (departures lie in 5 to 450 s); "
            "change --begin and --end",
        ),
        (300, 200, "the window 300 to 200 s is empty; let it end after it begins"),
        (300, 300, "the window 300 to 300 s is empty; let it end after it begins"),
    ],
)
def test_windows_without_anyone(folder, begin_s, end_s, message):
    found = refused(load_scenario, folder, begin_s=begin_s, end_s=end_s)
    assert found == f"{folder / 'scenario.toml'}: {message}"


def test_empty_demand(folder, write):
    write("a.rou.xml", "<routes/>")
    assert refused(load_scenario, folder) == (
        f"{folder / 'scenario.toml'}: the demand is empty; give it vehicles, trips or flows"
    )


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (
            '\n[constraints]\nleave_alone = ["C", "Z"]\n',
            "constraints.leave_alone names unknown signal 'Z'",
        ),
        (
            '\n[constraints]\nkeep_stages = "all"\nkeep_splits = ["Z"]\n',
            "constraints.keep_splits names unknown signal 'Z'",
        ),
        (
            '\n[[constraints.cycle_groups]]\nsignals = ["C", "Z"]\n',
            "constraints.cycle_groups names unknown signal 'Z'",
        ),
        (
            '\n[corridors.main]\nsignals = ["C", "Z"]\n',
            "corridor 'main' names unknown signal 'Z'",
        ),
    ],
)
def test_unknown_signals(folder, write, more, message):
    write("scenario.toml", TOML + more)
    found = refused(load_scenario, folder)
    assert found == f"{folder / 'scenario.toml'}: {message}; name one of the network's signals"


@pytest.mark.parametrize(
    ("more", "name"),
    [
        ('keep_turns = ["a>b"]', "keep_turns names unknown movement 'a>b'"),
        ("min_green_s_of = {ab = 9}", "min_green_s_of names unknown movement 'ab'"),
    ],
)
def test_unknown_movements(folder, write, more, name):
    write("scenario.toml", f"{TOML}\n[constraints]\n{more}\n")
    assert refused(load_scenario, folder) == (
        f"{folder / 'scenario.toml'}: constraints.{name}; "
        "write FROM_EDGE>TO_EDGE of a movement that a signal releases"
    )


def test_network_without_signals(unsignalled, write):
    path = write("a.rou.xml", routes(1))
    assert refused(load_files, unsignalled, (path,)) == (
        f"network {unsignalled} has no signals; there is nothing to time"
    )


def test_signal_without_a_program(folder):
    net = folder / "a.net.xml"
    text = net.read_text()
    start, end = text.index("<tlLogic"), text.index("</tlLogic>") + len("</tlLogic>")
    net.write_text(text[:start] + text[end:])
    assert refused(load_scenario, folder) == (
        f"no signal of {net} has a program; add tlLogic elements"
    )


def test_program_for_an_unknown_signal(folder, write):
    logic = '<tlLogic id="Z" programID="p"><phase duration="9" state="G"/></tlLogic>'
    path = write("z.add.xml", f"<additional>{logic}</additional>")
    assert refused(load_files, folder / "a.net.xml", (folder / "a.rou.xml",), (path,)) == (
        f"{path}: program 'p' of signal 'Z': the network has no such signal; check the id"
    )


@pytest.mark.parametrize(
    ("old", "message"),
    [
        ('"a.net.xml"', "network {} does not exist; check the path"),
        ('"a.rou.xml"', "demand {} does not exist; check the path"),
    ],
)
def test_missing_files_of_a_scenario(folder, write, old, message):
    write("scenario.toml", TOML.replace(old, '"gone.xml"'))
    assert refused(load_scenario, folder) == message.format(folder / "gone.xml")


def test_missing_additional_file(folder, write):
    text = TOML.replace("warm_up_s", 'additional = ["gone.xml"]\nwarm_up_s')
    write("scenario.toml", text)
    assert refused(load_scenario, folder) == (
        f"additional file {folder / 'gone.xml'} does not exist; check the path"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "<routes/>",
            "{} is not a SUMO configuration (its root is not <configuration>); "
            "name a .sumocfg, or use --net and --routes",
        ),
        (config(net=""), "{} names no network; add <net-file value=.../>"),
        (config(demand=""), "{} names no demand; add <route-files value=.../>"),
        (
            config(net="gone.net.xml"),
            "a.sumocfg: net-file {folder}/gone.net.xml does not exist; check the path",
        ),
        (
            config(demand="a.rou.xml,gone.rou.xml"),
            "a.sumocfg: route-files {folder}/gone.rou.xml does not exist; check the path",
        ),
        (
            config('<time><begin value="dawn"/></time>'),
            "{}: begin is 'dawn'; it must be a number of seconds or HH:MM:SS",
        ),
        (
            "<configuration><input>",
            "configuration {} is not well-formed XML: no element found: line 1, column 22; "
            "is it complete?",
        ),
    ],
)
def test_broken_configurations(folder, write, text, message):
    path = write("a.sumocfg", text)
    assert refused(load_scenario, path) == message.format(path, folder=folder)


def test_network_of_another_kind(folder, write):
    write("a.net.xml", routes(1))
    path = folder / "a.net.xml"
    assert refused(load_scenario, folder) == (
        f"network {path} is not a SUMO network (its root is not <net>); make one with netconvert"
    )


def test_network_with_parts_missing(folder):
    """Whatever is torn out of a network: it loads, or one sentence says what is wrong."""
    net = folder / "a.net.xml"
    lines = net.read_text().splitlines(keepends=True)
    body = [
        k
        for k, line in enumerate(lines)
        if line.lstrip().startswith(
            ("<edge", "<lane", "<junction", "<connection", "<request", "<tlLogic", "<phase")
        )
    ]
    outcomes = set()
    for k in body[:: max(len(body) // 60, 1)]:
        words = lines[k].split('" ')
        for torn in ("", '" '.join(words[:1] + words[2:])):
            net.write_text(
                "".join([*lines[:k], torn if torn.endswith("\n") else "", *lines[k + 1 :]])
            )
            try:
                load_scenario(folder)
                outcomes.add("loads")
            except InputError as error:
                outcomes.add("two lines" if "\n" in str(error) else "refused")
    assert outcomes == {"loads", "refused"}


def test_constraints_and_options_are_handed_on(folder, write):
    more = (
        '\n[constraints]\nmin_green_s = 6\nleave_alone = ["C"]\nretime_responsive = true\n'
        'keep_splits = "all"\nkeep_offsets = ["C"]\nkeep_cycle = true\n'
        '\n[objective]\nstop_penalty_s = 9\n\n[sumo]\n"step-length" = "0.5"\n'
    )
    write("scenario.toml", TOML + more)
    scenario = load_scenario(folder)
    assert scenario.constraints == Constraints(
        min_green_s=6,
        leave_alone=("C",),
        retime_responsive=True,
        keep_splits=("all",),
        keep_offsets=("C",),
        keep_cycle=True,
    )
    assert scenario.objective.stop_penalty_s == 9
    assert scenario.sumo_options == (("step-length", "0.5"),)


def test_bundled_scenarios_load():
    root = Path(__file__).resolve().parents[2]
    folders = [p.parent for p in root.glob("scenarios/*/scenario.toml")]
    assert folders
    smallest = min(folders, key=lambda f: sum(p.stat().st_size for p in f.iterdir()))
    scenario = load_scenario(smallest)
    assert scenario.demand.due(scenario.begin_s, scenario.end_s) > 100
    assert set(scenario.plan.programs) == set(scenario.network.signals)


def test_an_objective_is_a_preset_and_what_replaces_it(folder, write):
    write(
        "scenario.toml",
        TOML + '\n[objective]\nprefer = "fuel"\ndelay_weight = 0.5\nmax_queue_share = 0.8\n'
        "max_side_street_delay_s = 60\noccupancy = { bus = 35, passenger = 1.4 }\n",
    )
    assert load_scenario(folder).objective == Objective(
        delay_weight=0.5,
        stop_penalty_s=0.0,
        fuel_weight=1.0,
        max_queue_share=0.8,
        max_side_street_delay_s=60.0,
        occupancy={"bus": 35.0, "passenger": 1.4},
    )


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("occupancy = { buss = 3 }", "unknown vehicle class 'buss'; did you mean 'bus'?"),
        ("occupancy = { zzz = 3 }", "unknown vehicle class 'zzz'; name a class such as"),
        ("delay_weight = 0\nstop_penalty_s = 0", "all objective weights are 0"),
        ("max_queue_share = 1.5", "less than or equal to 1"),
        ('prefer = "noise"', "'delay', 'persons', 'fuel' or 'queues'"),
        ("fuel_weigth = 1", "did you mean 'fuel_weight'?"),
    ],
)
def test_a_wrong_objective_is_refused(folder, write, table, words):
    write("scenario.toml", TOML + f"\n[objective]\n{table}\n")
    with pytest.raises(InputError, match=re.escape(words)):
        load_scenario(folder)
