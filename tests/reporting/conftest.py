"""A run of the bundled arterial whose figures are drawn at random: reports need no simulator."""

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import signalopt as so
from signalopt.evaluation.result import (
    CLASS_COLUMNS,
    JUNCTION_COLUMNS,
    LANE_COLUMNS,
    MOVEMENT_COLUMNS,
    RUN_COLUMNS,
    Evaluation,
    mean_over_runs,
    table,
)
from signalopt.model.legs import signal_movements
from signalopt.model.scenario import Turns
from signalopt.optimisers.agreement import Agreement
from signalopt.optimisers.leniency import Leniency
from signalopt.optimisers.proof import Proof, Verdict
from signalopt.optimisers.result import OptimisationResult
from signalopt.reporting import junctions
from signalopt.reporting.html import render_html
from signalopt.reporting.pictures import Pictures

ROOT = Path(__file__).resolve().parents[2]
SEEDS = range(3_000_001, 3_000_006)
SHARES = {"passenger": 900, "bus": 12, "bicycle": 60, "pedestrian": 240, "truck": 40}


def hashes(scenario):
    files = (scenario.network_path, *scenario.route_paths, *scenario.additional_paths)
    return {str(f): hashlib.sha256(f.read_bytes()).hexdigest() for f in files}


def drawn_evaluation(scenario, *, factor, side, number):
    """Figures of five runs: delays are a factor of the usual ones, those of side streets another."""
    movements = signal_movements(scenario.network)
    side_edges = {m.from_edge for m in movements if not m.from_edge.startswith("A")}
    runs, rows = [], {"junctions": [], "movements": [], "classes": [], "lanes": []}
    for seed in SEEDS:
        usual = np.random.default_rng([seed, 7])  # what both plans share
        own = np.random.default_rng([seed, number])
        base = usual.uniform(20, 30)
        mine = []
        for m in movements:
            vehicles = 10 + usual.poisson(60)
            worse = side if m.from_edge in side_edges else factor
            delay_s = vehicles * usual.uniform(5, 60) * worse * own.normal(1, 0.04)
            mine.append(
                {
                    "seed": seed, "signal_id": m.signal_id, "from_edge": m.from_edge,
                    "to_edge": m.to_edge, "vehicles": vehicles, "delay_s": delay_s,
                    "delay_s_per_veh": delay_s / vehicles, "queue_veh": usual.uniform(0, 4),
                    "max_queue_m": usual.uniform(10, 80),
                }
            )  # fmt: skip
        rows["movements"] += mine
        for signal_id, part in pd.DataFrame(mine).groupby("signal_id"):
            vehicles, delay_s = part["vehicles"].sum(), part["delay_s"].sum()
            rows["junctions"].append(
                {
                    "seed": seed, "signal_id": signal_id, "vehicles": vehicles,
                    "delay_s": delay_s, "delay_s_per_veh": delay_s / vehicles,
                    "queue_veh": part["queue_veh"].sum(), "max_queue_m": part["max_queue_m"].max(),
                }
            )  # fmt: skip
        for edge in scenario.network.edges.values():
            for lane in range(len(edge.lanes)):
                delay_s = usual.exponential(600) * factor * own.normal(1, 0.05)
                rows["lanes"].append(
                    {"seed": seed, "edge_id": edge.id, "lane": lane, "vehicles": 100,
                     "delay_s": delay_s, "queue_veh": 1.0, "max_queue_m": 30.0}
                )  # fmt: skip
        for name, vehicles in SHARES.items():
            delay_s = usual.uniform(15, 40) * (1.1 if name == "pedestrian" else factor)
            rows["classes"].append(
                {"seed": seed, "vehicle_class": name, "vehicles": vehicles,
                 "delay_s_per_veh": delay_s * own.normal(1, 0.01),
                 "stops_per_veh": np.nan if name == "pedestrian" else delay_s / 25,
                 "travel_time_s_per_veh": delay_s + 100}
            )  # fmt: skip
        figures = dict.fromkeys(RUN_COLUMNS, 0.0)
        figures |= {
            "delay_s_per_veh": base * factor * own.normal(1, 0.02),
            "person_delay_s_per_person": base * factor * own.normal(1, 0.02),
            "side_street_delay_s_per_veh": 45 * side * own.normal(1, 0.02),
            "worst_trips_delay_s": 130 * side * own.normal(1, 0.01),
            "stops_per_veh": 1.6 * factor * own.normal(1, 0.02),
            "travel_time_s_per_veh": base * factor + 90,
            "speed_mps": 8 / factor * own.normal(1, 0.01),
            "demanded_veh": 1012, "inserted_veh": 1012, "completed_veh": 960,
            "queue_veh": 30 * factor, "max_queue_m": 120.0, "max_queue_share": 0.6,
            "fuel_g_per_veh": 92 * factor**0.3 * own.normal(1, 0.002),
            "co2_g_per_veh": 290 * factor**0.3 * own.normal(1, 0.002),
            "emergency_braking": float(usual.integers(0, 3)),
        }  # fmt: skip
        runs.append({"seed": seed, **figures})
    frames = {
        "junctions": table(rows["junctions"], ("seed", "signal_id"), JUNCTION_COLUMNS),
        "movements": table(
            rows["movements"], ("seed", "signal_id", "from_edge", "to_edge"), MOVEMENT_COLUMNS
        ),
        "classes": table(rows["classes"], ("seed", "vehicle_class"), CLASS_COLUMNS),
        "lanes": table(rows["lanes"], ("seed", "edge_id", "lane"), LANE_COLUMNS),
    }
    return Evaluation(
        runs=table(runs, ("seed",), RUN_COLUMNS),
        per_seed=frames,
        provenance={
            "scenario": scenario.name, "seeds": list(SEEDS), "signalopt_version": "0.1.0",
            "sumo_version": "drawn", "engine": "none", "plan_sha256": f"{number:064d}",
            "files_sha256": hashes(scenario),
        },
        **{name: mean_over_runs(frame, len(SEEDS)) for name, frame in frames.items()},
    )  # fmt: skip


def retimed(scenario):
    """All signals but the last get another offset, and two seconds of the longest green go."""
    plans = []
    for k, plan in enumerate(list(scenario.plan.plans.values())[:-1]):
        greens = list(plan.greens_s)
        longest, shortest = greens.index(max(greens)), greens.index(min(greens))
        greens[longest] -= 2
        greens[shortest] += 2
        plans.append(
            replace(plan.with_timing(greens, plan.offset_s + 7 * k + 3), program_id="signalopt")
        )
    return scenario.plan.with_plans(plans)


def drawn_result(scenario, verdict=Verdict.ADOPTED, factor=0.8, side=1.15):
    """A result that no search found."""
    candidate = retimed(scenario)
    before = drawn_evaluation(scenario, factor=1.0, side=1.0, number=1)
    after = drawn_evaluation(scenario, factor=factor, side=side, number=2)
    movement = next(m for m in signal_movements(scenario.network) if m.turn.is_left)
    objective = [33.0, 31.0, 40.0, 29.5, 28.0, 30.0]
    history = pd.DataFrame(
        {
            "evaluation": range(1, 7),
            "source": [
                "running",
                "Webster at 80 s",
                "model's choice 1",
                "search",
                "search",
                "search",
            ],
            "cycle_s": [90.0] * 6,
            "objective": objective,
            "best": np.minimum.accumulate(objective),
        }
    )
    return OptimisationResult(
        scenario=scenario,
        plan=scenario.plan if verdict is Verdict.KEPT else candidate,
        candidate=candidate,
        proof=Proof(verdict=verdict, before=before, after=after, confidence=0.95),
        verdict=verdict,
        history=history,
        left_alone={"A6": "named in leave_alone"},
        stopped="6 plans evaluated",
        agreement=Agreement(plans=6, rank_correlation=0.83, promised=0.21, kept=0.18),
        leniency=Leniency(
            turns=Turns.WARRANTED,
            delay_s_per_veh=1.4,
            stops_per_veh=0.05,
            movements=pd.DataFrame(
                [(movement.signal_id, movement.from_edge, movement.to_edge)],
                columns=["signal_id", "from_edge", "to_edge"],
            ),
        ),
        worth=pd.DataFrame(
            {
                "signals": [5, 5, 5],
                "objective": [1.2, 3.4, 5.0],
                "delay_s_per_veh": [1.0, 3.0, 4.4],
                "stops_per_veh": [0.05, 0.1, 0.16],
            },
            index=pd.Index(["splits", "offsets", "all"], name="change"),
        ),
        provenance={
            "seed": 1,
            "proof_seeds": list(SEEDS),
            "search_seeds": [1, 2],
            "runtime_s": 9.9,
        },
    )


@pytest.fixture(scope="session")
def arterial():
    return so.load(ROOT / "scenarios" / "arterial")


@pytest.fixture(scope="session")
def result(arterial):
    return drawn_result(arterial)


@pytest.fixture(scope="session")
def make_result():
    return drawn_result


@pytest.fixture(scope="session")
def folder(result, tmp_path_factory):
    """The result as a saved run."""
    path = tmp_path_factory.mktemp("runs") / "drawn"
    return so.save_run(result, path, log="drawn\n")


@pytest.fixture(scope="session")
def run(folder):
    return so.load_run(folder)


@pytest.fixture(scope="session")
def page(run):
    """The page in English, with pictures of one junction only."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(junctions, "MOST_PICTURES", 1)
        return render_html(run)


@pytest.fixture(scope="session")
def quick_html():
    """Renders pages with empty pictures."""

    def render(run, language="en"):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Pictures, "_svg", lambda *_: '<svg role="img" aria-label="none"></svg>')
            return render_html(run, language)

    return render
