"""Progression as SUMO and as the queue model see it, on the small road."""

import numpy as np
import pytest

from signalopt.errors import InputError
from signalopt.evaluation.passages import PASSAGE_COLUMNS
from signalopt.evaluation.progression.arrivals import corridor_edges, stop_line_arrivals
from signalopt.evaluation.progression.bands import plan_bands
from signalopt.evaluation.progression.journeys import corridor_journeys, per_run
from signalopt.evaluation.progression.quality import arrival_quality
from signalopt.evaluation.sumo import SumoEvaluator
from signalopt.io.scenario import load_files
from signalopt.queue_model.model import QueueModel
from signalopt.queue_model.parameters import QueueParameters

EVEN = '<vType id="car" length="5" minGap="2.5" sigma="0" speedDev="0"/>'
OUT, BACK = "WA AB BC CE", "EC CB BA AW"


@pytest.fixture(scope="module")
def alone(road, load_road):
    """Single cars, one every 47 s in each direction, under a plan with bands both ways."""
    cars = [(47.0 * k, way) for k in range(40) for way in (OUT, BACK)]
    scenario = load_road(cars, end_s=2400, types=EVEN, more='departSpeed="max"')
    plan = road.plan((50, 0), (50, 40), (50, 0))
    edges = corridor_edges(list(road.corridor.directions.values()))
    even = QueueParameters(speed_deviation=0.0, entry_speed_share=0.0, dawdle_mps=0.0)
    with SumoEvaluator(scenario, workers=1, detail="network") as sumo:
        found = {"sumo": sumo.passages(plan, [1], edges)}
    with QueueModel(scenario, workers=1, parameters=even) as model:
        found["queue_model"] = model.passages(plan, [1], edges)
    return plan, found


@pytest.mark.parametrize("engine", ["sumo", "queue_model"])
@pytest.mark.parametrize("name", ["outbound", "inbound"])
def test_cars_within_the_band_meet_green_and_others_do_not(road, alone, engine, name):
    """The published band, driven: who crosses the first stop line in it never stops."""
    plan, found = alone
    way = road.corridor.directions[name]
    arrivals = stop_line_arrivals(found[engine], way)
    journeys = corridor_journeys(arrivals, way)
    assert len(journeys) == 40
    bands = plan_bands(road.corridor, plan)
    start_s, width_s = bands.directions.loc[name, ["start_s", "bandwidth_s"]]
    # Ways of 32 s against offsets of half a cycle, 40 s: 8 s are lost on each of two ways.
    assert width_s == pytest.approx(50 - 16, abs=1)
    after_s = (journeys["begin_s"].to_numpy() - start_s) % 80
    margin_s = 2.0  # SUMO counts whole seconds, and who sees red slows down before the line
    inside = (after_s > margin_s) & (after_s < width_s - margin_s)
    outside = (after_s > width_s + margin_s) & (after_s < 80 - margin_s)
    assert inside.sum() >= 10
    assert outside.sum() >= 5
    free_s = sum(way.travel_times_s)
    spent_s = journeys["travel_time_s"].to_numpy()
    assert (journeys["stops"].to_numpy()[inside] == 0).all()
    assert spent_s[inside] == pytest.approx(free_s, abs=1.5)
    assert (spent_s[outside] > free_s + 2).all()


@pytest.mark.parametrize("name", ["outbound", "inbound"])
def test_cars_alone_drive_the_same_in_both_engines(road, alone, name):
    _, found = alone
    way = road.corridor.directions[name]
    spent = {
        engine: corridor_journeys(stop_line_arrivals(table, way), way).set_index("vehicle_id")
        for engine, table in found.items()
    }
    sumo, model = spent["sumo"], spent["queue_model"].loc[spent["sumo"].index]
    close = np.abs(sumo["travel_time_s"] - model["travel_time_s"]) < 5
    assert (
        close.mean() >= 0.9
    )  # who meets the change of a light may go in the one and stop in the other
    assert (sumo["stops"] == model["stops"])[close].mean() >= 0.9
    assert sumo["free_s"].tolist() == pytest.approx(model["free_s"].tolist(), abs=0.1)


@pytest.fixture(scope="module")
def busy(road, load_road):
    """Fifteen minutes of default drivers: half of the road's capacity, and side streets."""
    rng = np.random.default_rng(7)
    cars = []
    for way, vph in ((OUT, 500), (BACK, 350), ("AnA AAs", 200), ("BsB BBn", 200)):
        times = np.cumsum(rng.exponential(3600 / vph, int(vph / 4)))
        cars += [(t, way) for t in times if t < 900]
    # One speed for all: in SUMO the slowest driver would lead a platoon that cannot overtake.
    kind = '<vType id="car" length="5" minGap="2.5" speedDev="0"/>'
    scenario = load_road(cars, end_s=1080, types=kind)
    plan = road.plan((34, 0), (34, 30), (34, 70))
    edges = corridor_edges(list(road.corridor.directions.values()))
    with SumoEvaluator(scenario, workers=1, detail="network") as sumo:
        found = {"sumo": sumo.passages(plan, [1, 2], edges)}
    even = QueueParameters(speed_deviation=0.0)
    with QueueModel(scenario, workers=1, parameters=even) as model:
        found["queue_model"] = model.passages(plan, [1, 2], edges)
    return plan, found


@pytest.mark.parametrize("name", ["outbound", "inbound"])
def test_travel_times_and_arrivals_agree_in_traffic(road, busy, name):
    plan, found = busy
    way = road.corridor.directions[name]
    seen = {}
    for engine, table in found.items():
        assert tuple(table.columns) == PASSAGE_COLUMNS
        arrivals = stop_line_arrivals(table, way)
        runs = per_run(corridor_journeys(arrivals, way), way, [1, 2]).mean()
        quality = arrival_quality(arrivals, way, plan, begin_s=0, end_s=1080)
        seen[engine] = runs, quality
    (sumo, on_sumo), (model, on_model) = seen["sumo"], seen["queue_model"]
    assert model["vehicles"] == pytest.approx(sumo["vehicles"], rel=0.03)
    # The offsets favour one direction: more than either engine may be wrong.
    assert sumo["travel_time_s"] == pytest.approx(72 if name == "outbound" else 88, abs=4)
    assert model["travel_time_s"] == pytest.approx(sumo["travel_time_s"], rel=0.06)
    difference = on_model["arrival_on_green"] - on_sumo["arrival_on_green"]
    assert np.abs(difference).max() < 0.15
    assert np.abs(difference).mean() < 0.08


def test_stops_are_those_that_sumo_counts(road, load_road):
    """All edges watched, straight traffic only: the halts add up to SUMO's waitingCount."""
    cars = [(4.0 * k, way) for k in range(60) for way in (OUT, BACK, "BnB BBs")]
    scenario = load_road(cars, end_s=700)
    plan = road.plan((25, 0), (25, 33), (25, 5))
    with SumoEvaluator(scenario, workers=1, detail="network") as sumo:
        runs = sumo.evaluate(plan, [3]).runs.loc[3]
        table = sumo.passages(plan, [3], list(road.network.edges))
        again = sumo.passages(plan, [3], ["AB"])
        with pytest.raises(InputError, match="network road has no edge 'XY'; check the id"):
            sumo.passages(plan, [3], ["XY"])
        with pytest.raises(InputError, match="no edges to follow vehicles over"):
            sumo.passages(plan, [3], [])
    assert runs["completed_veh"] == 180
    assert table["stops"].sum() == round(runs["stops_per_veh"] * 180) > 60
    assert table["vehicle_id"].nunique() == 180
    alone = table[table["edge_id"].eq("AB")].drop(columns="free_s").reset_index(drop=True)
    # Without the edge before, its junction is unknown; all else is the same.
    assert alone.equals(again.drop(columns="free_s"))
    assert (table["left_s"] >= table["reached_s"] - 1e-9).all()


def test_the_same_vehicles_are_seen_on_the_same_edges(busy):
    """Row by row, but for who has not left by the end."""
    _, found = busy
    keys = ["seed", "vehicle_id", "edge_id", "step"]
    sumo, model = (found[k].set_index(keys) for k in ("sumo", "queue_model"))
    both = sumo.index.intersection(model.index)
    assert len(both) > 0.97 * max(len(sumo), len(model))
    free = sumo.loc[both, "free_s"] / model.loc[both, "free_s"]
    assert free.groupby("edge_id").mean().to_numpy() == pytest.approx(1.0, abs=0.03)


def test_a_bus_at_its_stop_is_not_held_up(road, load_road, tmp_path):
    """The dwell is part of its free time, and no halt."""
    stop = '<busStop id="s" lane="AB_0" startPos="150" endPos="180"/>'
    path = tmp_path / "stops.add.xml"
    path.write_text(f"<additional>{stop}</additional>")
    bus = (
        f'<vehicle id="bus" type="bus" depart="0"><route edges="{OUT}"/>'
        '<stop busStop="s" duration="20"/></vehicle>'
    )
    demand = tmp_path / "bus.rou.xml"
    kind = '<vType id="bus" vClass="bus" length="12" sigma="0" speedDev="0"/>'
    demand.write_text(f"<routes>{kind}{bus}</routes>")
    scenario = load_files(road.net, (demand,), (path,), end_s=400, name="bus")
    plan = road.plan((60, 0), (60, 0), (60, 0))
    edges = corridor_edges([road.corridor.outbound])
    with SumoEvaluator(scenario, workers=1, detail="network") as sumo:
        seen = sumo.passages(plan, [1], edges).set_index("edge_id")
    with QueueModel(scenario, workers=1) as model:
        said = model.passages(plan, [1], edges).set_index("edge_id")
    row = seen.loc["AB"]
    assert row["vehicle_class"] == "bus"
    assert row["free_s"] == pytest.approx(said.loc["AB", "free_s"], rel=0.15)
    assert row["free_s"] == pytest.approx(20 + 32, rel=0.1)
    assert seen.loc["AB", "stops"] == 0
