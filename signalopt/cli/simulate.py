"""``signalopt simulate``: what a plan is worth."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from signalopt.cli.options import (
    choice,
    json_option,
    scenario_options,
    seeds_option,
    timeout_option,
    workers_option,
)
from signalopt.cli.output import print_frame, print_json, print_table, records
from signalopt.cli.verbs import workflow

if TYPE_CHECKING:
    from signalopt.evaluation.hcm import HcmReport
    from signalopt.evaluation.result import Evaluation

LABELS = {
    "delay_s_per_veh": "delay [s/veh]",
    "depart_delay_s_per_veh": "of it before entering [s/veh]",
    "person_delay_s_per_person": "delay per person [s]",
    "side_street_delay_s_per_veh": "worst side streets [s/veh]",
    "worst_trips_delay_s": "worst 5 % of trips [s]",
    "stops_per_veh": "stops [1/veh]",
    "waiting_s_per_veh": "waiting [s/veh]",
    "travel_time_s_per_veh": "travel time [s/veh]",
    "speed_mps": "speed [m/s]",
    "demanded_veh": "demanded [veh]",
    "inserted_veh": "inserted [veh]",
    "completed_veh": "completed [veh]",
    "missing_veh": "missing [veh]",
    "throughput_vph": "throughput [veh/h]",
    "queue_veh": "queue [veh]",
    "max_queue_m": "longest queue [m]",
    "max_queue_share": "longest queue / leg",
    "fuel_g_per_veh": "fuel [g/veh]",
    "co2_g_per_veh": "CO2 [g/veh]",
    "teleports": "teleports",
    "collisions": "collisions",
    "emergency_braking": "emergency braking",
    "emergency_stops": "emergency stops",
}


@click.command("simulate")
@scenario_options
@click.option("--plan", type=click.Path(path_type=Path), help="Plan to run (default: today's).")
@seeds_option
@click.option(
    "--by",
    type=click.Choice(["junctions", "movements", "classes", "lanes"]),
    help="Show a table by junction, movement, vehicle class or lane as well.",
)
@click.option("--hcm", is_flag=True, help="Use the Highway Capacity Manual instead of SUMO.")
@click.option("--engine", type=click.Choice(["libsumo", "traci"]), default="libsumo")
@click.option("--gui", is_flag=True, help="Watch it in SUMO's window.")
@workers_option
@timeout_option
@json_option
def command(
    *,
    plan: Path | None,
    seeds: range,
    by: str | None,
    hcm: bool,
    engine: Literal["libsumo", "traci"],
    gui: bool,
    workers: int | None,
    timeout_s: float | None,
    as_json: bool,
    **params: Any,  # noqa: ANN401 (click passes options of many types)
) -> None:
    """Simulate a plan and show delay, stops, queues, fuel and more.

    \b
    Examples:
      signalopt simulate scenarios/arterial --seeds 3
      signalopt simulate their.sumocfg --plan runs/first --by junctions --json
    """
    scenario = choice(params).load()
    plans = None if plan is None else workflow.load_plan(scenario, plan)
    if hcm:
        _show_hcm(scenario.name, workflow.evaluate_hcm(scenario, plans), by, as_json=as_json)
        return
    found = workflow.evaluate(
        scenario,
        plans,
        seeds,
        workers=workers,
        engine=engine,
        gui=gui,
        timeout_s=timeout_s,
    )
    if as_json:
        print_json(found.to_dict())
        return
    print_summary(scenario.name, found)
    if by is not None:
        print_frame(by.capitalize(), getattr(found, by))


_HCM_LANE_COLUMNS = [
    "turns",
    "flow_vph",
    "degree_of_saturation",
    "delay_s_per_veh",
    "level_of_service",
    "queue_95_m",
]


def _show_hcm(name: str, report: HcmReport, by: str | None, *, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "delay_s_per_veh": report.delay_s_per_veh,
                "level_of_service": report.level_of_service,
                "junctions": records(report.junctions),
                "movements": records(report.movements),
                "lane_groups": records(report.lane_groups),
                "uncovered": report.uncovered,
            }
        )
        return
    print_frame(
        f"{name}: control delay by the HCM, {report.delay_s_per_veh:.1f} s/veh, "
        f"level of service {report.level_of_service}",
        report.junctions,
    )
    if by == "movements":
        print_frame("Movements", report.movements)
    elif by == "lanes":
        groups = report.lane_groups.sort_values("degree_of_saturation", kind="stable")
        levels = ["signal_id", "edge_id", "lanes"]
        worst = groups.groupby(level=levels).tail(1).droplevel("begin_s").sort_index()
        print_frame("Lane groups in their busiest period", worst[_HCM_LANE_COLUMNS])
    for signal_id, reason in report.uncovered.items():
        click.echo(f"{signal_id}: not covered, {reason}")


def print_summary(name: str, found: Evaluation) -> None:
    """Print the means of all runs with their confidence intervals."""
    summary = found.summary()
    runs = len(found.runs)
    title = f"{name}: mean of {runs} runs, ± half of the 95 % interval"
    print_table(
        title if runs > 1 else f"{name}: one run",
        ["", "mean", "±", "sd"],
        [
            (LABELS[str(quantity)], row["mean"], row["half_width"], row["sd"])
            for quantity, row in summary.to_dict("index").items()
            if row["n"] > 0
        ],
    )
