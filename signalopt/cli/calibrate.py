"""``signalopt calibrate``: the lane-queue model's constants for one network."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from signalopt.cli.options import (
    choice,
    json_option,
    scenario_options,
    timeout_option,
    workers_option,
)
from signalopt.cli.output import print_json, print_table
from signalopt.cli.verbs import workflow

if TYPE_CHECKING:
    from signalopt.queue_model.calibration import Calibration

_LINKS = 15


@click.command("calibrate")
@scenario_options
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="File for the constants and residuals (calibration.json).",
)
@workers_option
@timeout_option
@json_option
def command(
    *,
    output: Path | None,
    workers: int | None,
    timeout_s: float | None,
    as_json: bool,
    **params: Any,  # noqa: ANN401 (click passes options of many types)
) -> None:
    """Measure the lane-queue model's constants in SUMO and compare the two link by link.

    Saturation headways, starts, gaps and entries are measured in a few runs of the running plan
    and of a perturbed one. They are used only if they bring the model closer to further runs.

    \b
    Examples:
      signalopt calibrate scenarios/arterial
      signalopt calibrate their.sumocfg -o calibration.json
    """
    if output is not None:
        workflow.require_writable_file(output)
    found = workflow.calibrate(choice(params).load(), workers=workers, timeout_s=timeout_s)
    if output is not None:
        found.write(output)
    if as_json:
        print_json(found.to_dict())
        return
    _show(found)
    if output is not None:
        click.echo(f"Written: {output}")


def _show(found: Calibration) -> None:
    print_table(
        f"{found.scenario}: constants of the lane-queue model",
        ["parameter", "default", "measured", "seen", "used"],
        [
            (name, row["default"], row["measured"], int(row["observations"]), _yes(row["used"]))
            for name, row in found.estimates.to_dict("index").items()
        ],
        left=(0, 4),
    )
    print_table(
        "Delay and stops in further runs, SUMO and model",
        ["plan", "", "SUMO", "model before", "model now"],
        [
            (
                row["plan"],
                _TOTALS[row["quantity"]],
                row["sumo"],
                row["model_before"],
                row["model"],
            )
            for row in found.totals.reset_index().to_dict("records")
        ],
        left=(0, 1),
    )
    off = set(found.links_off.index)
    print_table(
        "Delay by link under the running plan, most first",
        ["link", "vehicles", "SUMO s", "model s", "share", "model / SUMO", ""],
        [
            (
                str(edge),
                round(row["vehicles"]),
                round(row["sumo_delay_s"]),
                round(row["model_delay_s"]),
                row["share"],
                row["ratio"],
                "off" if edge in off else "",
            )
            for edge, row in found.residuals.head(_LINKS).to_dict("index").items()
        ],
        left=(0, 6),
    )
    for note in found.notes:
        click.echo(click.wrap_text(note, 80))


_TOTALS = {"delay_s_per_veh": "delay [s/veh]", "stops_per_veh": "stops [1/veh]"}


def _yes(flag: object) -> str:
    return "yes" if flag else ""
