"""``signalopt corridor show``: what a plan makes of a corridor."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from signalopt.cli.corridor_options import corridor_choice, corridor_options
from signalopt.cli.options import (
    choice,
    json_option,
    scenario_options,
    seeds_option,
    timeout_option,
    workers_option,
)
from signalopt.cli.output import number, print_json, print_table, records
from signalopt.cli.verbs import workflow

if TYPE_CHECKING:
    import pandas as pd

    from signalopt.evaluation.progression.bands import CorridorBands
    from signalopt.model.corridor import Corridor, Direction
    from signalopt.workflow import Progression

TRAVEL = {
    "vehicles": "floating cars",
    "travel_time_s": "travel time [s]",
    "delay_s_per_veh": "delay [s/veh]",
    "speed_mps": "speed [m/s]",
    "stops_per_veh": "stops [1/veh]",
    "stops_per_km": "stops [1/km]",
}


@click.command("show")
@scenario_options
@corridor_options
@click.option("--plan", type=click.Path(path_type=Path), help="Plan to look at (default: today's).")
@click.option(
    "--speed",
    "speed_mps",
    type=click.FloatRange(min=0, min_open=True),
    help="Speed of the bands [m/s] (default: free flow).",
)
@click.option(
    "--measure",
    type=click.Choice(["sumo", "queue_model"]),
    help="Run the plan, and show arrivals on green, travel times and stops.",
)
@click.option(
    "--min-signals",
    type=click.IntRange(min=2),
    help="Signals in a row that a floating car passes (default: 3).",
)
@seeds_option
@workers_option
@timeout_option
@json_option
def command(
    *,
    plan: Path | None,
    speed_mps: float | None,
    measure: Literal["sumo", "queue_model"] | None,
    min_signals: int | None,
    seeds: range,
    workers: int | None,
    timeout_s: float | None,
    as_json: bool,
    **params: Any,  # noqa: ANN401 (click passes options of many types)
) -> None:
    """Show a corridor: stages, flows, queues, bands, progression.

    NAME is one of the scenario's corridors, one that `corridor find` lists, or
    a street. Instead of it, name signals, two ends, or a street.

    \b
    Examples:
      signalopt corridor show scenarios/arterial main
      signalopt corridor show scenarios/city --from n5 --to n154
      signalopt corridor show scenarios/grid --signals A1,A4 --measure sumo
    """
    named = corridor_choice(params)
    scenario = choice(params).load()
    corridor = named.of(scenario)
    plans = scenario.plan if plan is None else workflow.load_plan(scenario, plan)
    traffic = workflow.corridor_traffic(scenario, corridor, plans)
    bands = workflow.plan_bands(corridor, plans, speed_mps=speed_mps)
    found = None
    if measure is not None:
        found = workflow.progression(
            scenario,
            corridor,
            plans,
            seeds,
            source=measure,
            min_signals=min_signals,
            workers=workers,
            timeout_s=timeout_s,
        )
    if as_json:
        print_json(_document(corridor, traffic, bands, found))
        return
    click.echo(
        f"Corridor {corridor.name}: {len(corridor.signal_ids)} signals, "
        f"{corridor.outbound.length_m:.0f} m, "
        f"{'one' if corridor.inbound is None else 'two'}-way\n"
    )
    rows = records(traffic)
    for name, direction in corridor.directions.items():
        _show_traffic(name, direction, [row for row in rows if row["direction"] == name])
    _show_bands(bands)
    if found is not None:
        _show_progression(found)


def _show_traffic(name: str, direction: Direction, rows: list[dict[str, Any]]) -> None:
    print_table(
        f"{name.capitalize()}, {direction.signals[0]} to {direction.signals[-1]}",
        ["signal", "\nm", "stages", "green\nof s", "flow\nveh/h", "along\nveh/h",
         "turn in\nveh/h", "joins\nveh/h", "queue\nveh"],
        [
            (
                row["signal_id"],
                round(row["position_m"]),
                " ".join(map(str, row["stages"])),
                f"{number(row['green_s'])}/{number(row['cycle_s'])}",
                round(row["flow_vph"]),
                round(row["through_vph"]),
                _short(row["turning_inflow_vph"], 0),
                _short(row["midblock_inflow_vph"], 0),
                _short(row["queue_veh"], 1),
            )
            for row in rows
        ],
        left=(0, 2),
    )  # fmt: skip


def _short(value: float, digits: int) -> str:
    return f"{value:.{digits}f}" if math.isfinite(value) else number(value)


def _show_bands(bands: CorridorBands) -> None:
    if bands.reason:
        click.echo(f"Bands: none, {bands.reason}\n")
        return
    print_table(
        f"Bands: cycle {bands.cycle_s:g} s, efficiency {bands.efficiency:.2f}, "
        f"attainability {bands.attainability:.2f}",
        ["direction", "band\ns", "of\ncycle", "shortest\ngreen s", "of it", "starts\ns",
         "speed\nm/s"],
        [
            (name, *(row[c] for c in ("bandwidth_s", "bandwidth_ratio", "min_green_s",
                                      "attainability", "start_s", "progression_speed_mps")))
            for name, row in bands.directions.to_dict("index").items()
        ],
    )  # fmt: skip


def _show_progression(found: Progression) -> None:
    source = "SUMO" if found.source == "sumo" else "the queue model"
    print_table(
        f"Arrivals, {source}, {len(found.seeds)} runs",
        ["direction", "signal", "vehicles", "green\nratio", "on green", "±", "platoon\nratio",
         "arrival\ntype"],
        [
            (
                row["direction"],
                row["signal_id"],
                round(row["vehicles"]),
                row["green_ratio"],
                row["arrival_on_green"],
                row["arrival_on_green_half_width"],
                row["platoon_ratio"],
                number(row["arrival_type"], 1),
            )
            for row in records(found.quality)
        ],
        left=(0, 1),
        wrap=(1,),
    )  # fmt: skip
    names = list(found.corridor.directions)
    print_table(
        f"Floating cars past {found.min_signals} signals or more, over the whole corridor",
        ["", *(text for name in names for text in (name, "±"))],
        [
            (
                label,
                *(
                    found.travel.loc[(name, quantity), column]
                    for name in names
                    for column in ("mean", "half_width")
                ),
            )
            for quantity, label in TRAVEL.items()
        ],
    )


def _document(
    corridor: Corridor, traffic: pd.DataFrame, bands: CorridorBands, found: Progression | None
) -> dict[str, Any]:
    document: dict[str, Any] = {
        "name": corridor.name,
        "signal_ids": corridor.signal_ids,
        "directions": {
            name: {
                "signal_ids": way.signal_ids,
                "movements": way.movements,
                "groups": way.groups,
                "edges": way.edges,
                "lengths_m": way.lengths_m,
                "speeds_mps": way.speeds_mps,
                "positions_m": way.positions_m,
                "lead_in": way.lead_in,
            }
            for name, way in corridor.directions.items()
        },
        "stop_lines": records(traffic),
        "bands": {
            "cycle_s": bands.cycle_s,
            "efficiency": bands.efficiency,
            "attainability": bands.attainability,
            "reason": bands.reason,
            "directions": records(bands.directions),
            "bands": bands.bands.to_dict("records"),
            "greens": bands.greens.to_dict("records"),
        },
    }
    if found is not None:
        document["progression"] = {
            "source": found.source,
            "seeds": found.seeds,
            "min_signals": found.min_signals,
            "arrivals": records(found.quality),
            "travel": records(found.travel),
            "runs": records(found.runs),
        }
    return document
