"""What an optimisation found, as tables on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from signalopt.cli.compare import print_comparison
from signalopt.cli.output import number, print_table

if TYPE_CHECKING:
    from pathlib import Path

    from signalopt.optimisers.result import OptimisationResult

LIMITS = {
    "max_queue_share": "the longest queue as a share of its leg",
    "max_side_street_delay_s": "the side-street delay [s]",
}


def _show_demands(result: OptimisationResult) -> None:
    table = result.by_demand()
    if len(table):
        objective = result.scenario.objective
        print_table(
            "By demand: objective [s/veh], its change (95 % interval), delay, stops",
            ["demand", "weight", "before", "after", "", "interval", "delay", "→", "stops", "→"],
            [
                (
                    demand,
                    number(row["weight"], 2),
                    number(row["objective_before"], 3),
                    number(row["objective_after"], 3),
                    "" if row["objective_low"] <= 0 <= row["objective_high"] else "*",
                    f"{row['objective_low']:.1f} to {row['objective_high']:.1f}",
                    *(
                        number(row[f"{name}_{when}"], 3)
                        for name in ("delay_s_per_veh", "stops_per_veh")
                        for when in ("before", "after")
                    ),
                )
                for demand, row in table.to_dict("index").items()
            ],
        )
        click.echo(
            f"all: {1 - objective.cvar_weight:g} x mean + {objective.cvar_weight:g} x mean of the "
            f"worst {1 - objective.cvar_level:.0%}; * the interval excludes zero\n"
        )


def show_result(result: OptimisationResult, output: Path | None) -> None:
    """Print what an optimisation found."""
    if result.proof is not None:
        print_comparison(
            f"{result.scenario.name}: {len(result.proof.seeds)} paired runs on held-out seeds",
            result.proof.table(),
        )
    _show_demands(result)
    changed = result.changes()
    print_table(
        "Signals",
        ["signal", "cycle s", "→", "offset s", "→", "greens s", "→", "stages"],
        [
            (
                signal,
                row["cycle_s_before"],
                row["cycle_s_after"],
                row["offset_s_before"],
                row["offset_s_after"],
                row["greens_s_before"],
                row["greens_s_after"] if not row["note"] else row["note"],
                row["stages"],
            )
            for signal, row in changed.to_dict("index").items()
        ],
        wrap=(0, 5, 6, 7),
    )
    anew = result.gives_way_anew()
    if len(anew):
        print_table(
            "Share green anew, one giving way to the other: look at them before you adopt the plan",
            ["signal", "streams"],
            anew.itertuples(index=False, name=None),
            left=(0, 1),
            wrap=(0, 1),
        )
    if result.worth is not None:
        print_table(
            "What each kind of change is worth, in the lane-queue model",
            ["without", "signals", "objective", "delay s/veh", "stops /veh"],
            [
                (
                    change,
                    int(row.signals),
                    f"{row.objective:+.1f}",
                    f"{row.delay_s_per_veh:+.1f}",
                    f"{row.stops_per_veh:+.2f}",
                )
                for change, row in result.worth.iterrows()
            ],
        )
    if result.band is not None:
        show_band(result)
    for name, (mean, limit) in result.limits_exceeded.items():
        click.echo(f"Not adopted: {LIMITS[name]} is {mean:.3g}, above its limit of {limit:.3g}")
    if result.leniency is not None:
        found = result.leniency
        print_table(
            f"With --turns {found.turns.value} these turns would give way; in the lane-queue model "
            f"that gains {found.delay_s_per_veh:.1f} s/veh more",
            ["signal", "turns"],
            [
                (signal, ", ".join(f"{m.from_edge} to {m.to_edge}" for m in turns.itertuples()))
                for signal, turns in found.movements.groupby("signal_id", sort=False)
            ],
            left=(0, 1),
            wrap=(0, 1),
        )
    if result.agreement is not None:
        click.echo(click.wrap_text(f"Model and simulation: {result.agreement}.", 80))
    seconds = result.provenance["runtime_s"]
    click.echo(f"Verdict: {result.verdict.value} ({result.stopped}; {seconds:g} s in all)")
    if output is not None:
        click.echo(f"Written: {output}")


def show_band(result: OptimisationResult) -> None:
    """Print what the bands on the corridor are worth."""
    band = result.band
    if band is None:
        return
    directions = list(band.measure.corridor.directions)
    plans = [("today", result.scenario.plan)]
    if result.candidate is not None:
        plans.append(("found", result.candidate))
    rows = []
    for name, plan in plans:
        widths = band.measure.widths(plan)
        shown = ["none" if widths is None else f"{widths[d]:.3f}" for d in directions]
        worth = band.measure(plan)
        share = worth / band.best if band.best > 0 else 0.0
        rows.append((name, *shown, f"{worth:.3f}", f"{share:.2f}"))
    print_table(
        f"Bands on {band.measure.corridor.name}, over the cycle; at least {band.share:g} of the "
        f"best, {band.best:.3f}",
        ["", *directions, "weighted\nmean", "of the\nbest"],
        rows,
    )
