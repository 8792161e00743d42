"""``signalopt corridor bands``: the widest bands of green on a corridor."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from signalopt.cli.constraints import constrained, constraint_options, take_constraints
from signalopt.cli.corridor_options import corridor_choice, corridor_options
from signalopt.cli.options import Seconds, choice, json_option, scenario_options
from signalopt.cli.output import print_json, print_table, records
from signalopt.cli.verbs import workflow

if TYPE_CHECKING:
    from signalopt.workflow import CorridorWaves

NAMES = {
    "running": "running plan",
    "maxband": "MAXBAND",
    "multiband": "MULTIBAND",
    "am_band": "AM-BAND",
    "paths": "paths",
}


@click.command("bands")
@scenario_options
@corridor_options
@constraint_options
@click.option(
    "--ratio",
    "target_ratio",
    type=click.FloatRange(min=0),
    help="Inbound over outbound bandwidth (default: that of the through flows).",
)
@click.option(
    "--speed",
    "speed_mps",
    type=click.FloatRange(min=0, min_open=True),
    help="Speed of the bands [m/s] (default: free flow).",
)
@click.option("--keep-order", is_flag=True, help="Stages stay in the order of today.")
@click.option(
    "--clear-queues", is_flag=True, help="Leave time for queues of turning traffic to clear."
)
@click.option(
    "--time",
    "time_limit_s",
    type=Seconds(above_zero=True),
    default=60.0,
    show_default=True,
    help="Time to look for the best cycle.",
)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="File for the widest bands' plan."
)
@json_option
def command(
    *,
    target_ratio: float | None,
    speed_mps: float | None,
    keep_order: bool,
    clear_queues: bool,
    time_limit_s: float,
    output: Path | None,
    as_json: bool,
    **params: Any,  # noqa: ANN401 (click passes options of many types)
) -> None:
    """Find the widest bands of green on a corridor.

    Splits stay in proportion; cycle, offsets and the order of stages change.
    The first programme is solved at every cycle and says what no plan exceeds;
    the others are solved at the best cycle. MULTIBAND and AM-BAND count a band
    on each link. A band says nothing of delay: see corridor optimise.

    \b
    Examples:
      signalopt corridor bands scenarios/arterial main
      signalopt corridor bands scenarios/arterial main --ratio 1 -o wave.json
    """
    named = corridor_choice(params)
    limits = take_constraints(params)
    scenario = constrained(choice(params).load(), limits)
    if output is not None:
        workflow.require_writable_file(output)
    found = workflow.corridor_bands(
        scenario,
        named.of(scenario),
        target_ratio=target_ratio,
        speed_mps=speed_mps,
        free_order=not keep_order,
        clear_queues=clear_queues,
        time_limit_s=time_limit_s,
    )
    if output is not None:
        workflow.export(scenario, found.best.plan, output)
    if as_json:
        print_json(
            {
                "corridor": found.corridor.name,
                "signal_ids": found.corridor.signal_ids,
                "target_ratio": found.target_ratio,
                "plans": records(found.table()),
                "offsets_s": {
                    wave.method: {s: wave.plan.plans[s].offset_s for s in found.corridor.signal_ids}
                    for wave in found.waves
                },
            }
        )
        return
    _show(found)
    if output is not None:
        click.echo(f"Written: {output}")


def _show(found: CorridorWaves) -> None:
    rows = found.table().to_dict("index")
    two_way = found.corridor.inbound is not None
    weights = f", inbound counts {found.target_ratio:.2f}" if two_way else ""
    print_table(
        f"Corridor {found.corridor.name}: widest bands{weights}",
        ["", "cycle\ns", "out\ns", "in\ns", "of\ncycle", "of\ngreen", "programme", "bound",
         "gap", "status"],
        [
            (
                NAMES[str(name)],
                _short(row["cycle_s"], 0),
                _short(row["outbound_s"], 1),
                _short(row["inbound_s"], 1),
                _short(row["bandwidth_ratio"], 3),
                _short(row["attainability"], 2),
                _short(row.get("objective"), 3),
                _short(row.get("bound"), 3),
                "" if name == "running" else f"{row['gap']:.1%}",
                "" if name == "running" else row["status"],
            )
            for name, row in rows.items()
        ],
        left=(0,),
    )  # fmt: skip
    plans = found.best.plan.plans
    print_table(
        f"Plan of {NAMES[found.best.method]}",
        ["signal", "cycle s", "offset s", "greens s"],
        [
            (s, plans[s].cycle_s, plans[s].offset_s, plans[s].greens_s)
            for s in found.corridor.signal_ids
        ],
        wrap=(0,),
    )


def _short(value: float | None, digits: int) -> str:
    return "" if value is None or not math.isfinite(value) else f"{value:.{digits}f}"
