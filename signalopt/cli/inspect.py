"""``signalopt inspect``: what a scenario holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from signalopt.cli.options import choice, json_option, scenario_options
from signalopt.cli.output import print_json, print_table, records
from signalopt.cli.verbs import workflow
from signalopt.errors import InputError
from signalopt.suggest import did_you_mean

if TYPE_CHECKING:
    from signalopt.model.scenario import Scenario


@click.command("inspect")
@scenario_options
@click.option("--signal", "signal_id", help="Show one signal in detail.")
@json_option
def command(*, signal_id: str | None, as_json: bool, **params: Any) -> None:  # noqa: ANN401 (options)
    """Show a scenario's network, demand, signals and running plans.

    \b
    Examples:
      signalopt inspect scenarios/city
      signalopt inspect scenarios/arterial --signal A1
    """
    scenario = choice(params).load()
    if signal_id is not None:
        _signal(scenario, signal_id, as_json=as_json)
        return
    overview = workflow.overview(scenario)
    signals = workflow.signals_table(scenario)
    if as_json:
        print_json({**overview, "signals": records(signals)})
        return
    print_table(
        f"Scenario {scenario.name}",
        ["", ""],
        [(_name(key), value) for key, value in overview.items() if value != ""],
        left=(0, 1),
        wrap=(1,),
    )
    print_table(
        "Signals",
        ["signal", "control", "cycle s", "offset s", "stages", "moves", "crossings", "veh/h"],
        [
            (
                signal,
                row["control"],
                row["cycle_s"],
                row["offset_s"],
                row["stages"],
                row["movements"],
                row["crossings"],
                round(row["flow_vph"]),
            )
            for signal, row in signals.to_dict("index").items()
        ],
        left=(0, 1),
    )


def _name(key: str) -> str:
    """A figure's name for people."""
    return {"signals_count": "signals", "length_km": "length [km]", "window_s": "window [s]"}.get(
        key, key.replace("_", " ")
    )


def _signal(scenario: Scenario, signal_id: str, *, as_json: bool) -> None:
    if signal_id not in scenario.network.signals:
        known = list(scenario.network.signals)
        names = ", ".join(known[:8]) + (", ..." if len(known) > 8 else "")
        hint = did_you_mean(signal_id, known, f"it has {names}")
        raise InputError(f"{scenario.name} has no signal {signal_id!r}; {hint}")
    stages, groups = workflow.signal_detail(scenario, signal_id)
    if as_json:
        print_json({"stages": records(stages), "groups": records(groups)})
        return
    program = scenario.plan.programs[signal_id]
    print_table(
        f"Signal {signal_id}: program {program.program_id}, cycle {program.cycle_s:g} s, "
        f"offset {program.offset_s:g} s",
        ["stage", "protected", "permissive", "green s", "transition s", "split s"],
        [
            (str(stage), *row.values())
            for stage, row in stages.droplevel("signal_id").to_dict("index").items()
        ],
        left=(0, 1, 2),
        wrap=(1, 2),
    )
    print_table(
        "Signal groups",
        ["group", "releases", "veh/h", "min s", "yellow s", "conflicts with"],
        [(str(group), *row.values()) for group, row in groups.to_dict("index").items()],
        left=(0, 1, 5),
        wrap=(1, 5),
    )
