"""The walk for a day, with a model and a simulation whose best plans are known."""

from contextlib import contextmanager, nullcontext
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from signalopt.evaluation.result import RUN_COLUMNS, Evaluation, table
from signalopt.model.day import DAY_S, DayFlows
from signalopt.model.demand import Demand
from signalopt.model.plan import SignalPlan
from signalopt.optimisers.time_of_day.day_budget import DayBudget
from signalopt.optimisers.time_of_day.day_plan import plan_day
from signalopt.optimisers.time_of_day.plans import Pool, best_of_pool, best_segments, numbered
from signalopt.optimisers.time_of_day.result import Breakpoints, Segment
from signalopt.optimisers.time_of_day.schedule import changes_of
from signalopt.optimisers.time_of_day.windows import cut_to, typical_window

DAY_FROM_S, DAY_TO_S = 7 * 3600, 19 * 3600
SIGNALS = ("A1", "A2")
QUIET_CYCLE_S, BUSY_CYCLE_S = 70, 110
BUDGET = DayBudget(
    model_share=0.01, proof_runs=2, change_methods=("shortway", "dwell"), change_runs=1
)


def wanted_cycle_s(time_s):
    return BUSY_CYCLE_S if DAY_FROM_S <= time_s < DAY_TO_S else QUIET_CYCLE_S


def delay_s(plan, time_s):
    """Delay that grows with the distance of the cycles from the one that suits the time of day."""
    cycles = [plan.programs[s].cycle_s for s in SIGNALS]
    return 20.0 + np.mean([abs(c - wanted_cycle_s(time_s)) for c in cycles])


class Model:
    """Judges plans by their cycles."""

    def __init__(self, scenario):
        self.time_s = (scenario.begin_s + scenario.end_s) / 2
        self.departures_s = scenario.demand.vehicles["depart_s"].to_numpy()

    def values(self, plans, seeds, objective):
        return np.array([[delay_s(p, self.time_s)] * len(list(seeds)) for p in plans])

    def vehicle_delays(self, plans, seeds):
        return self.departures_s, np.array(
            [[delay_s(p, t) for t in self.departures_s] for p in plans]
        )


class Simulation:
    """Judges plans alike, or says that nothing is better than today."""

    def __init__(self, scenario, bias_s):
        self.scenario, self.bias_s = scenario, bias_s

    def evaluate(self, plan, seeds):
        return self.evaluate_many([plan], seeds)[0]

    def evaluate_many(self, plans, seeds):
        return [self._one(p, list(seeds)) for p in plans]

    def _one(self, plan, seeds):
        time_s = (self.scenario.begin_s + self.scenario.end_s) / 2
        own = delay_s(plan, time_s)
        own += 0.0 if plan is self.scenario.plan else self.bias_s
        rows = [
            {"seed": s, "delay_s_per_veh": own + 0.01 * s, "stops_per_veh": 1.0}
            for s in range(len(seeds))
        ]
        rows = [{**r, "seed": s} for r, s in zip(rows, seeds, strict=True)]
        return Evaluation(runs=table(rows, ["seed"], RUN_COLUMNS), provenance={})

    def close(self):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass


class Engines:
    def __init__(self, bias_s=0.0):
        self.bias_s = bias_s
        self.windows = []

    def window_model(self, scenario):
        return nullcontext(Model(scenario))

    @contextmanager
    def day_models(self, scenario):
        yield [Model(scenario)], [1.0]

    def simulation(self, scenario):
        self.windows.append((scenario.start_s, scenario.begin_s, scenario.end_s))
        return Simulation(scenario, self.bias_s)

    def once(self, scenario, find):
        return find()


@pytest.fixture(scope="module")
def day(pair):
    """Two signals of the arterial from midnight to midnight, with a vehicle each ten minutes."""
    times_s = np.arange(30.0, DAY_S, 600.0)
    route = pair.demand.vehicles["route"].iloc[0]
    vehicles = pd.DataFrame(
        {
            "vehicle_id": [str(k) for k in range(len(times_s))],
            "depart_s": times_s,
            "type_id": "car",
            "vehicle_class": "passenger",
            "line": "",
            "route": route,
        }
    )
    demand = Demand(vehicles=vehicles, routes=pair.demand.routes)
    return replace(pair, begin_s=0.0, end_s=DAY_S, warm_up_s=0.0, demand=demand)


@pytest.fixture(scope="module")
def flows():
    level = [1000.0 if DAY_FROM_S <= 900 * k < DAY_TO_S else 100.0 for k in range(96)]
    return DayFlows(name="day", names=("m",), flow_vph=np.array(level)[:, None])


@pytest.fixture(scope="module")
def found(day, flows):
    engines = Engines()
    return plan_day(day, [flows], engines, budget=BUDGET), engines


def test_each_part_of_the_day_gets_the_plan_that_suits_it(found):
    result, _ = found
    assert result.breakpoints.times_s == (DAY_FROM_S, DAY_TO_S)
    busy, quiet = (
        [p.cycle_s for p in result.schedule.plans[result.schedule.plan_at(time_s)].values()]
        for time_s in (12 * 3600, 3600)
    )
    assert np.mean(np.abs(np.array(busy) - BUSY_CYCLE_S)) <= 10
    assert np.mean(np.abs(np.array(quiet) - QUIET_CYCLE_S)) <= 10


def test_plans_are_proven_and_changes_tried_within_the_day(found):
    result, engines = found
    assert all(p is not None and p.verdict.name == "ADOPTED" for p in result.proofs)
    assert [t.at_s for t in result.trials] == [DAY_FROM_S, DAY_TO_S]
    frame = result.changes_frame()
    assert set(frame.columns[frame.notna().all()]) == {*BUDGET.change_methods, "taken"}
    assert all(0 <= start <= begin < end <= DAY_S for start, begin, end in engines.windows)
    provenance = result.provenance
    assert provenance["schedule_model_delay_s"] < provenance["one_plan_model_delay_s"]
    assert provenance["one_plan_model_delay_s"] <= provenance["running_model_delay_s"]
    assert set(provenance["finished_s"]) == {"breakpoints", "plans", "day", "windows", "changes"}


def test_plans_that_are_not_proven_do_not_run(day, flows):
    result = plan_day(day, [flows], Engines(bias_s=100.0), budget=BUDGET)
    assert result.names == ("running",)
    assert result.schedule.changes == ()
    assert result.schedule.plans == ({s: day.plan.plans[s] for s in SIGNALS},)


def test_the_same_seed_gives_the_same_day(day, flows, found):
    again = plan_day(day, [flows], Engines(), budget=BUDGET)
    assert again.breakpoints == found[0].breakpoints
    assert again.schedule.plans == found[0].schedule.plans


def test_other_breakpoints_stay_where_they_are(day, flows):
    result = plan_day(day, [flows], Engines(), method="clock", budget=BUDGET)
    assert {6 * 3600, 19 * 3600} <= set(result.breakpoints.times_s)


def test_reports_name_what_is_being_done(day, flows):
    told = []
    plan_day(day, [flows], Engines(), segments=1, budget=BUDGET, on_progress=told.append)
    assert {"breakpoints", "plans", "day", "windows"} <= {p.phase for p in told}


POOL = Pool(
    names=("running", "a", "b"),
    plans=(),
    losses_s=np.array([[5.0] * 8, [1, 1, 1, 1, 9, 9, 9, 9], [9, 9, 9, 9, 1, 1, 1, 1]], dtype=float),
)
EIGHTHS = DayFlows(name="day", names=("m",), flow_vph=np.ones((8, 1)), interval_s=DAY_S / 8)


def test_the_pool_is_cut_where_another_plan_loses_less():
    found, chosen = best_segments(
        POOL,
        [EIGHTHS],
        segments=None,
        most_segments=4,
        min_segment_s=3600,
        transition_cost=1.0,
    )
    assert found.times_s == (0, DAY_S / 2)
    assert [POOL.names[chosen[found.at(t).plan]] for t in (0, DAY_S / 2)] == ["a", "b"]
    dear, alone = best_segments(
        POOL, [EIGHTHS], segments=None, most_segments=4, min_segment_s=3600, transition_cost=99.0
    )
    assert (len(dear.segments), [POOL.names[k] for k in alone]) == (1, ["running"])


def cut(*plans):
    step_s = DAY_S / len(plans)
    segments = tuple(
        Segment(begin_s=k * step_s, end_s=(k + 1) * step_s, plan=p) for k, p in enumerate(plans)
    )
    return Breakpoints(segments=segments, cost=0, transition_cost=0, method="x", cost_of_one=1)


def test_segments_that_share_a_plan_take_what_suits_all_of_them():
    assert best_of_pool(POOL, cut(0, 1), EIGHTHS) == (1, 2)
    assert best_of_pool(POOL, cut(0, 1, 0, 1), EIGHTHS) == (0, 0, 0, 0)


def test_equal_neighbours_need_no_change():
    found, order = numbered(cut(0, 1, 2), [7, 7, 3])
    assert order == (7, 3)
    assert [numbers for _, numbers in changes_of(found)] == [(1, 0), (0, 1)]


def test_a_typical_window_lies_within_its_segment():
    table = np.full((96, 1), 100.0)
    table[28:36] = 800.0
    table[29] = 5000.0
    flows = DayFlows(name="d", names=("m",), flow_vph=table)
    night = Segment(begin_s=20 * 3600, end_s=DAY_S + 6 * 3600, plan=0)
    begin_s, end_s = typical_window([flows], night, window_s=3600)
    assert end_s - begin_s == 3600
    assert end_s <= DAY_S
    busy = Segment(begin_s=7 * 3600, end_s=9 * 3600, plan=0)
    begin_s, end_s = typical_window([flows], busy, window_s=1800)
    assert busy.begin_s <= begin_s < end_s <= busy.end_s
    assert typical_window([flows], busy, window_s=1e9) == (busy.begin_s, busy.end_s)


def test_windows_do_not_leave_the_day(day):
    case = cut_to(day, 600, DAY_S + 900, warm_up_s=900, name="x")
    assert (case.start_s, case.begin_s, case.end_s) == (0, 600, DAY_S)
    assert all(isinstance(p, SignalPlan) for p in case.plan.programs.values())


@pytest.mark.parametrize(
    "wrong",
    [
        {"proof_runs": 1},
        {"change_runs": 0},
        {"change_methods": ()},
        {"change_methods": ("jump",)},
        {"model_share": 0.0},
    ],
)
def test_budgets_that_make_no_sense_are_refused(wrong):
    with pytest.raises(ValueError, match="must"):
        DayBudget(**wrong)
