"""``optimise`` with a second demand: what is proven of each, and what is written."""

import json

import numpy as np
import pytest

import signalopt as so


@pytest.fixture(scope="module")
def friday(town, tmp_path_factory):
    """Another day: twice as many from the side streets, fewer on the main road."""
    routes = (("WJ1 J1J2 J2E", 16), ("EJ2 J2J1 J1W", 16), ("N1J1 J1S1", 10), ("S2J2 J2N2", 10))
    rows = sorted(
        (t, f'<vehicle id="f{k}.{t}" depart="{t}"><route edges="{route}"/></vehicle>')
        for k, (route, headway_s) in enumerate(routes)
        for t in range(0, 240, headway_s)
    )
    path = tmp_path_factory.mktemp("friday") / "friday.rou.xml"
    path.write_text(f"<routes>{''.join(row for _, row in rows)}</routes>")
    return path


def run(town, friday, invoke, folder, workers):
    return invoke("optimise", town, "--demand", friday, "-o", folder, "--evaluations", 6,
                  "--no-model", "--force", "--cvar-weight", 1, "--workers", workers)  # fmt: skip


def read(folder):
    return json.loads((folder / "summary.json").read_text())


def test_every_demand_is_proven_and_the_number_of_workers_changes_nothing(
    town, friday, invoke, tmp_path
):
    printed = [run(town, friday, invoke, tmp_path / str(n), n) for n in (1, 2)]
    assert [done.exception for done in printed] == [None, None]
    plans = [(tmp_path / str(n) / "plan.json").read_bytes() for n in (1, 2)]
    assert plans[0] == plans[1]
    found = read(tmp_path / "1")
    assert [row["demand"] for row in found["demands"]] == ["base", "friday", "all"]
    assert [row["weight"] for row in found["demands"]] == [0.5, 0.5, 1.0]
    before = found["before"]["demands"]
    penalty_s = found["objective"]["stop_penalty_s"]
    per_run = [
        [r["delay_s_per_veh"] + penalty_s * r["stops_per_veh"] for r in before[name]["runs"]]
        for name in ("base", "friday")
    ]
    worst = np.max(per_run, axis=0).mean()
    assert found["demands"][-1]["objective_before"] == pytest.approx(worst)
    output = printed[0].output
    assert "By demand" in output
    assert "all: 0 x mean + 1 x mean of the worst 20%" in output
    # A path may be longer.
    tables = [x for x in output.splitlines() if not x.startswith(("Written:", "Report:"))]
    assert max(map(len, tables)) <= 80


def test_demands_and_weights_in_the_file(town, friday, copied):
    (copied / "friday.rou.xml").write_bytes(friday.read_bytes())
    (copied / "scenario.toml").write_text(
        'name = "town"\nnetwork = "town.net.xml"\ndemand = ["demand.rou.xml"]\n'
        "[periods.day]\nbegin_s = 0\nend_s = 240\n"
        '[[demands]]\nname = "friday"\nfiles = ["friday.rou.xml"]\nweight = 0.2\n'
        "[objective]\ncvar_weight = 0.3\ncvar_level = 0.9\n"
    )
    scenario = so.load(copied)
    assert list(scenario.by_demand) == ["base", "friday"]
    assert scenario.demand_weights == (1.0, 0.2)
    assert (scenario.objective.cvar_weight, scenario.objective.cvar_level) == (0.3, 0.9)
    alone = scenario.by_demand["friday"]
    assert alone.route_paths == (copied / "friday.rou.xml",)
    assert alone.plan is scenario.plan
    assert alone.further_demands == ()
    both = sum(case.vehicles_due for case in scenario.by_demand.values())
    assert scenario.vehicles_due == both == scenario.demand.due(0, 240) + alone.demand.due(0, 240)


def test_demands_that_make_no_sense_are_refused(town, friday, tmp_path):
    scenario = so.load(town)
    late = tmp_path / "late.rou.xml"
    late.write_text(
        '<routes><vehicle id="x" depart="500"><route edges="WJ1 J1J2 J2E"/></vehicle></routes>'
    )
    cases = [
        ({"base": friday}, {}, "two demands are called 'base'; give each a name of its own"),
        ({"friday": friday}, {"friday": 0.0}, "demand 'friday' has weight 0; give it more than 0"),
        ({"late": late}, {}, "of demand 'late' nobody departs in the window 0 to 240 s"),
        ({"gone": tmp_path / "gone.rou.xml"}, {}, "gone.rou.xml"),
    ]
    for demands, weights, message in cases:
        with pytest.raises(so.InputError, match=message):
            so.with_demands(scenario, demands, weights)
    again = so.with_demands(scenario, {"friday": [friday]})
    with pytest.raises(so.InputError, match="two demands are called 'friday'"):
        so.with_demands(again, {"friday": friday})
