"""Every mistake ends in one sentence that says what, where, and what to do; never a traceback."""

import gzip
import json

import pytest

CASES = {}


def case(code, message):
    """Register a mistake: a function that spoils a copy of the town and names the arguments.

    ``{town}`` in the message is the copy's folder.
    """

    def register(prepare):
        CASES[prepare.__name__] = (prepare, code, message)
        return prepare

    return register


def with_net(town, name):
    return "inspect", "--net", town / name, "--routes", town / "demand.rou.xml"


def with_demand(town, body):
    (town / "demand.rou.xml").write_text(f"<routes>{body}</routes>")
    return "inspect", town


def with_toml(town, text):
    (town / "scenario.toml").write_text(text)
    return "inspect", town


@case(3, "scenario {town}/nope.sumocfg does not exist; check the path")
def missing_scenario(town):
    return "inspect", town / "nope.sumocfg"


@case(
    3,
    "{town}/demand.rou.xml is neither a scenario.toml nor a .sumocfg; "
    "for a bare network use --net and --routes",
)
def not_a_scenario(town):
    return "inspect", town / "demand.rou.xml"


@case(3, "folder {town} holds 2 .sumocfg files; name the file to use")
def ambiguous_folder(town):
    (town / "other.sumocfg").touch()
    return "inspect", town


@case(3, "network {town}/gone.net.xml does not exist; check the path")
def missing_network(town):
    return with_net(town, "gone.net.xml")


@case(3, "town.sumocfg: net-file {town}/town.net.xml does not exist; check the path")
def configuration_without_its_network(town):
    (town / "town.net.xml").unlink()
    return "inspect", town


@case(
    3,
    "network {town}/half.net.xml is not well-formed XML: no element found: line 3, column 0; "
    "is it complete?",
)
def truncated_network(town):
    head = (town / "town.net.xml").read_text().partition("<edge ")[0]
    location = head[head.index("<location") : head.index("/>", head.index("<location")) + 2]
    (town / "half.net.xml").write_text(f'<net version="1.20">\n{location}\n')
    return with_net(town, "half.net.xml")


@case(
    3,
    "network {town}/text.net.xml is not well-formed XML: syntax error: line 1, column 0; "
    "is it complete?",
)
def network_that_is_no_xml(town):
    (town / "text.net.xml").write_text("see the other folder")
    return with_net(town, "text.net.xml")


@case(
    3,
    "network {town}/demand.rou.xml is not a SUMO network (its root is not <net>); "
    "make one with netconvert",
)
def network_that_is_a_route_file(town):
    return with_net(town, "demand.rou.xml")


@case(
    3,
    "network {town}/town.net.xml.gz ends in .gz but is not gzip data; "
    "rename it or compress it again",
)
def gz_that_is_not_gz(town):
    (town / "town.net.xml").rename(town / "town.net.xml.gz")
    return with_net(town, "town.net.xml.gz")


@case(
    3,
    "network {town}/town.net.xml.gz is damaged gzip data (Compressed file ended before the "
    "end-of-stream marker was reached); copy or compress it again",
)
def truncated_gz(town):
    whole = gzip.compress((town / "town.net.xml").read_bytes())
    (town / "town.net.xml.gz").write_bytes(whole[: len(whole) // 2])
    return with_net(town, "town.net.xml.gz")


@case(
    3,
    "network {town}/bomb.net.xml declares a DOCTYPE, which may hide entity bombs; "
    "remove the declaration",
)
def entity_bomb(town):
    lines = "".join(f'<!ENTITY l{k} "{f"&l{k - 1};" * 10}">' for k in range(1, 10))
    (town / "bomb.net.xml").write_text(f'<!DOCTYPE net [<!ENTITY l0 "ha">{lines}]><net>&l9;</net>')
    return with_net(town, "bomb.net.xml")


@case(
    3,
    "{town}/demand.rou.xml: vehicle 'lost': its route runs over edge 'J9J8', which the network "
    "lacks; check the route",
)
def route_over_a_missing_edge(town):
    return with_demand(town, '<vehicle id="lost" depart="0"><route edges="WJ1 J9J8"/></vehicle>')


@case(
    3,
    "{town}/demand.rou.xml: vehicle 'frog': its route goes from edge 'WJ1' to 'J2E', which the "
    "network does not connect; check the route",
)
def route_with_a_gap(town):
    return with_demand(town, '<vehicle id="frog" depart="0"><route edges="WJ1 J2E"/></vehicle>')


@case(3, "{town}/town.sumocfg: the demand is empty; give it vehicles, trips or flows")
def empty_demand(town):
    return with_demand(town, "")


@case(
    3,
    "{town}/demand.rou.xml: flow 'f': vehsPerHour is -20; a flow must not be negative",
)
def negative_flow(town):
    body = '<flow id="f" begin="0" end="240" from="WJ1" to="J2E" vehsPerHour="-20"/>'
    return with_demand(town, body)


@case(
    3,
    "{town}/town.sumocfg: nobody departs in the window 5000 to 6000 s (departures lie in 0 to "
    "232 s); change --begin and --end",
)
def window_after_the_last_departure(town):
    return "inspect", town, "--begin", 5000, "--end", 6000


@case(
    3,
    "{town}/town.sumocfg: the window 200 to 100 s is empty; let it end after it begins",
)
def window_that_ends_before_it_begins(town):
    return "inspect", town, "--begin", 200, "--end", 100


@case(3, "scenario {town}/scenario.toml, line 2: key 'netwrok' is unknown; did you mean 'network'?")
def misspelt_key(town):
    return with_toml(town, 'name = "t"\nnetwrok = "town.net.xml"\ndemand = ["demand.rou.xml"]\n'
                           'network = "town.net.xml"\n[periods.am]\nbegin_s = 0\nend_s = 240\n')  # fmt: skip


@case(
    3,
    "scenario {town}/scenario.toml is not TOML: Expected '=' after a key in a key/value pair "
    "(at line 1, column 6)",
)
def broken_toml(town):
    return with_toml(town, "name town")


@case(3, "scenario {town}/scenario.toml has no period 'noon'; it has am, pm")
def unknown_period(town):
    text = 'name = "t"\nnetwork = "town.net.xml"\ndemand = ["demand.rou.xml"]\n'
    for name in ("am", "pm"):
        text += f"[periods.{name}]\nbegin_s = 0\nend_s = 240\n"
    return *with_toml(town, text), "--period", "noon"


@case(3, "{town}/town.sumocfg has no periods; use --begin and --end")
def period_of_a_configuration(town):
    return "inspect", town, "--period", "am"


@case(3, "town has no signal 'J3'; it has J1, J2")
def unknown_signal(town):
    return "inspect", town, "--signal", "J3"


def spoilt_plan(town, change):
    """Today's plan as JSON with something changed."""
    stage = {"name": "", "min_green_s": None, "max_green_s": None}
    first = {**stage, "lights": "GGgrrrGGgrrr", "green_s": 42,
             "transition": [{"duration_s": 3, "lights": "yyyrrryyyrrr"}]}  # fmt: skip
    second = {**stage, "lights": "rrrGGgrrrGGg", "green_s": 42,
              "transition": [{"duration_s": 3, "lights": "rrryyyrrryyy"}]}  # fmt: skip
    plan = {"signal_id": "J1", "program_id": "new", "cycle_s": 90, "offset_s": 0,
            "stages": [first, second]}  # fmt: skip
    change(plan)
    document = {"format": "signalopt plan", "version": 1,
                "offset_reference": "start of the first stage", "plans": [plan]}  # fmt: skip
    (town / "plan.json").write_text(json.dumps(document))
    return town / "plan.json"


@case(
    3,
    "plan {town}/plan.json is for signal 'K7', which town does not have; "
    "is it a plan for another network?",
)
def plan_for_other_signals(town):
    plan = spoilt_plan(town, lambda p: p.update(signal_id="K7"))
    return "simulate", town, "--plan", plan


@case(
    3,
    "plan {town}/plan.json is not JSON (Expecting value: line 1 column 100 (char 99)); "
    "is it complete?",
)
def broken_plan(town):
    plan = spoilt_plan(town, lambda _: None)
    plan.write_text(plan.read_text()[:99])
    return "check", town, plan


@case(
    3,
    "plan {town}/plan.json: signal 'J1' states cycle_s 80, but its stages and transitions last "
    "90 s; correct one of them",
)
def plan_that_contradicts_itself(town):
    return (
        "export",
        town,
        "--plan",
        spoilt_plan(town, lambda p: p.update(cycle_s=80)),
        "-o",
        "x.xml",
    )


@case(3, "plan {town}/nowhere/plan.json does not exist; check the path")
def run_folder_without_a_plan(town):
    (town / "nowhere").mkdir()
    return "compare", town, "--after", town / "nowhere"


@case(3, "{town}/plan.txt ends in neither .json nor .xml; choose one of the two formats")
def unknown_suffix(town):
    return "export", town, "-o", town / "plan.txt"


def without_yellow(plan):
    plan["stages"][0]["transition"][0]["lights"] = "rrrrrrrrrrrr"


@case(
    4,
    "unsafe plan: error [yellow_time] J1: group 0 (N1J1->J1W right) has 0 s of yellow, 3 s are "
    "needed (and 5 more)",
)
def export_of_an_unsafe_plan(town):
    plan = spoilt_plan(town, without_yellow)
    return "export", town, "--plan", plan, "-o", town / "new.add.xml"


@case(3, "--leave-alone: town has no signal 'J3'; name one of the network's signals")
def leave_an_unknown_signal_alone(town):
    return "optimise", town, "--leave-alone", "J3"


@case(3, "--keep-splits: town has no signal 'J3'; name one of the network's signals")
def freeze_the_splits_of_an_unknown_signal(town):
    return "optimise", town, "--keep-offsets", "all", "--keep-splits", "J3"


@case(3, "--keep-turns: town has no movement 'WJ1>J2E'; did you mean 'WJ1>J1J2'?")
def keep_an_unknown_turn(town):
    return "optimise", town, "--keep-turns", "WJ1>J1J2", "--keep-turns", "WJ1>J2E"


@case(3, "--min-green-of is 'WJ1>J1J2'; write FROM_EDGE>TO_EDGE=SECONDS with whole seconds")
def least_green_without_seconds(town):
    return "optimise", town, "--min-green-of", "WJ1>J1J2"


@case(
    3,
    "min_green_s_of 'WJ1>J1J2' is 3 s, but signal J1 must give that movement at least 5 s; ask for as much or leave it out",
)
def least_green_below_the_safe_one(town):
    return "optimise", town, "--min-green-of", "WJ1>J1J2=3"


@case(3, "--cycle-group: town has no signal 'auto'; name one of the network's signals")
def groups_by_name_and_by_rule(town):
    return "optimise", town, "--cycle-group", "J1,J2", "--cycle-group", "auto"


@case(3, "cycle_groups names signal 'J1' twice; a signal belongs to one group")
def a_signal_in_two_groups(town):
    return "optimise", town, "--cycle-group", "J1", "--cycle-group", "J2, J1"


@case(3, "the cycle range is 5 to 300 s; it must lie within 10 to 300 s")
def cycle_out_of_range(town):
    return "optimise", town, "--min-cycle", 5


@case(
    3,
    "{town}/town.sumocfg: signal J1 needs a cycle of at least 16 s, the constraints allow 15 s; "
    "raise max_cycle_s or leave the signal alone",
)
def no_cycle_suits_all(town):
    return "optimise", town, "--max-cycle", 15


@case(8, "{town}/town.net.xml is a file; name a folder for the results")
def output_that_is_a_file(town):
    return "optimise", town, "-o", town / "town.net.xml"


@case(
    8,
    "{town}/town.net.xml/run cannot be written ({town}/town.net.xml is not writable); "
    "choose another",
)
def output_below_a_file(town):
    return "optimise", town, "-o", town / "town.net.xml" / "run"


@case(8, "{town} is not empty and holds no earlier run; choose an empty or new folder")
def output_folder_that_holds_other_things(town):
    return "optimise", town, "-o", town


@case(8, "{town}/no/plan.json cannot be written (No such file or directory); choose another place")
def export_into_a_missing_folder(town):
    return "export", town, "-o", town / "no" / "plan.json"


@case(
    6,
    "SUMO on town with seed 1 was stopped after its time limit of 0.01 s; allow more with "
    "timeout_s, or look for gridlock",
)
def sumo_that_takes_too_long(town):
    return "simulate", town, "--seeds", 1, "--timeout", 0.01


@case(2, "Name a SCENARIO, or --net with --routes.")
def no_scenario(_):
    return ("inspect",)


@case(2, "Name either a SCENARIO or --net with --routes, not both.")
def scenario_and_network(town):
    return *with_net(town, "town.net.xml"), town


@case(2, "--net needs --routes: the demand to simulate.")
def network_without_routes(town):
    return "inspect", "--net", town / "town.net.xml"


@case(2, "--routes goes with --net; a SCENARIO names its own files.")
def scenario_with_routes(town):
    return "inspect", town, "--routes", town / "demand.rou.xml"


@case(2, "--net has no periods; use --begin and --end.")
def network_with_a_period(town):
    return *with_net(town, "town.net.xml"), "--period", "am"


@case(2, "Name the plan once, as PLAN or as --plan.")
def two_plans(town):
    return "check", town, "a.json", "--plan", "b.json"


@pytest.mark.parametrize("name", CASES)
def test_one_sentence_and_the_code(copied, command, name):
    prepare, code, message = CASES[name]
    arguments = prepare(copied)
    before = sorted(copied.rglob("*"))
    done = command(*arguments)
    assert done.out == ""
    assert "Traceback" not in done.err
    told = f"Error: {message.format(town=copied)}\n"
    if code == 2:
        assert done.err.startswith("Usage: signalopt ")
        assert done.err.endswith(f"\n{told}")
    else:
        assert done.err == told
    assert done.code == code
    assert sorted(copied.rglob("*")) == before, "something was written"


def test_network_without_signals(unsignalled, tmp_path, command):
    routes = tmp_path / "a.rou.xml"
    routes.write_text(
        '<routes><vehicle id="v" depart="0"><route edges="n_in s_out"/></vehicle></routes>'
    )
    done = command("inspect", "--net", unsignalled, "--routes", routes)
    assert done.err == f"Error: network {unsignalled} has no signals; there is nothing to time\n"
    assert done.code == 3


def test_sumo_refuses(copied, command):
    config = copied / "town.sumocfg"
    config.write_text(config.read_text().replace("<begin", '<step-length value="zero"/> <begin'))
    done = command("simulate", copied, "--seeds", 1)
    assert done.code == 6
    assert done.out == ""
    first, *more = done.err.splitlines()
    assert more == []
    assert first.startswith("Error: SUMO on town with seed 1: ")
    assert first.endswith("; mend the scenario's files or options")


def test_sumo_crashes(town, command, tmp_path):
    """A simulator that dies of a signal, as libsumo does on some broken networks."""
    (tmp_path / "libsumo.py").write_text(
        "import os, signal, sys\n"
        "print('Error: the roof is on fire', file=sys.stderr, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGSEGV)\n"
    )
    done = command("simulate", town, "--seeds", 1, "--json", PYTHONPATH=str(tmp_path))
    assert done.code == 6
    assert done.out == ""
    first, *more = done.err.splitlines()
    assert more == []
    assert first.startswith("Error: SUMO on town with seed 1: the simulator died after ")
    assert "by SIGSEGV (its last words: Error: the roof is on fire)" in first


def test_check_of_an_unsafe_plan_lists_all_findings(copied, command):
    plan = spoilt_plan(copied, without_yellow)
    done = command("check", copied, plan)
    assert (done.code, done.err) == (4, "")
    assert done.out.count("error [yellow_time] J1: group ") == 6
    assert done.out.endswith(
        "warning [missing_signal] J2: not in the plan, stays as it is\n6 errors, 1 warning\n"
    )
    found = json.loads(command("check", copied, plan, "--json").out)
    assert found["ok"] is False
    assert [f["severity"] for f in found["findings"]] == ["error"] * 6 + ["warning"]
    assert found["findings"][0]["groups"] == [0]


def test_check_names_signals_that_do_not_exist(copied, invoke):
    done = invoke("check", copied, spoilt_plan(copied, lambda p: p.update(signal_id="K7")))
    assert done.return_value == 4
    assert "[unknown_signal] K7: the network has no such signal" in done.output


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x", "'x' is neither a number such as 5 nor a range such as 1-5."),
        ("1-", "'1-' is neither a number such as 5 nor a range such as 1-5."),
        ("-3", "'-3' is neither a number such as 5 nor a range such as 1-5."),
        ("1,2", "'1,2' is neither a number such as 5 nor a range such as 1-5."),
        ("5-1", "'5-1' must hold 1 to 1000 seeds, lowest first."),
        ("0", "'0' must hold 1 to 1000 seeds, lowest first."),
        ("1-2000", "'1-2000' must hold 1 to 1000 seeds, lowest first."),
    ],
)
def test_bad_seeds(town, invoke, text, message):
    error = invoke("simulate", town, "--seeds", text).exception
    assert error.format_message() == f"Invalid value for '--seeds': {message}"
    assert error.exit_code == 2


@pytest.mark.parametrize("option", ["--begin", "--end", "--timeout"])
@pytest.mark.parametrize("text", ["nan", "inf", "noon", "-1"])
def test_bad_times(town, invoke, option, text):
    error = invoke("simulate", town, option, text).exception
    assert f"Invalid value for '{option}': '{text}' " in error.format_message()
    assert "seconds" in error.format_message()


@pytest.mark.parametrize(
    ("option", "text"),
    [("--workers", 0), ("--evaluations", 0), ("--time", 0), ("--seed", -1), ("--seed", 100_001)],
)
def test_numbers_out_of_range(town, invoke, option, text):
    error = invoke("optimise", town, option, text).exception
    assert f"Invalid value for '{option}'" in error.format_message()
