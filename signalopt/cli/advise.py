"""``signalopt advise``: the changes of one offset that are worth most."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from signalopt.cli.options import (
    Seeds,
    choice,
    json_option,
    scenario_options,
    timeout_option,
    workers_option,
)
from signalopt.cli.output import print_json, print_table, records
from signalopt.cli.verbs import workflow

if TYPE_CHECKING:
    import pandas as pd


@click.command("advise")
@scenario_options
@click.option(
    "--top", type=click.IntRange(min=1), default=10, show_default=True, help="Changes to name."
)
@click.option("--signal", help="Show all offsets of this signal instead, in the queue model.")
@click.option("--seeds", type=Seeds(), help="SUMO's seeds (default: five of its own).")
@workers_option
@timeout_option
@json_option
def command(
    *,
    top: int,
    signal: str | None,
    seeds: range | None,
    workers: int | None,
    timeout_s: float | None,
    as_json: bool,
    **params: Any,  # noqa: ANN401 (click passes options of many types)
) -> None:
    """Name the single offsets that are worth changing most.

    Every offset of every signal is tried in the lane-queue model; the best change of each of the
    signals that gain most is simulated alone, with the same seeds as the running plan.

    \b
    Examples:
      signalopt advise their.sumocfg
      signalopt advise scenarios/arterial --signal A3
    """
    scenario = choice(params).load()
    if signal is not None:
        curve = workflow.offset_curve(scenario, [signal], workers=workers)
        if as_json:
            print_json(records(curve))
        else:
            _show_curve(signal, curve)
        return
    found = workflow.advise(
        scenario,
        most=top,
        workers=workers,
        timeout_s=timeout_s,
        **({} if seeds is None else {"seeds": seeds}),
    )
    if as_json:
        print_json(records(found))
    else:
        _show(scenario.name, found)


def _show(name: str, found: pd.DataFrame) -> None:
    print_table(
        f"{name}: one offset changed at a time, change of network delay and stops",
        ["signal", "offset s", "→", "model s/veh", "SUMO s/veh", "", "interval", "stops /veh"],
        [
            (
                signal,
                row["offset_s_before"],
                row["offset_s_after"],
                f"{row['model_delay_s_per_veh']:+.2f}",
                f"{row['delay_s_per_veh']:+.2f}",
                "*" if row["proven"] else "",
                f"{row['delay_low']:.2f} to {row['delay_high']:.2f}",
                f"{row['stops_per_veh']:+.3f}",
            )
            for signal, row in found.to_dict("index").items()
        ],
    )
    if found.empty:
        click.echo("No single offset gains anything in the queue model.")
    else:
        click.echo("* proven: the 95 % interval, for all changes together, lies below zero")


def _show_curve(signal: str, curve: pd.DataFrame) -> None:
    print_table(
        f"{signal}: change of network delay and stops by offset, in the lane-queue model",
        ["offset s", "delay s/veh", "stops /veh", ""],
        [
            (
                int(row["offset_s"]),
                f"{row['delay_s_per_veh']:+.2f}",
                f"{row['stops_per_veh']:+.3f}",
                "running" if row["running"] else "",
            )
            for row in records(curve)
        ],
    )
