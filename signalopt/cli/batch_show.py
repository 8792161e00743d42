"""``signalopt batch show``: what the ledger knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from signalopt.cli.batch_options import job_argument
from signalopt.cli.batch_output import gain_cell
from signalopt.cli.options import json_option
from signalopt.cli.output import number, print_json, print_table
from signalopt.cli.verbs import batch

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@click.command("show")
@job_argument
@click.argument("task", required=False)
@json_option
def command(*, job: Path, task: str | None, as_json: bool) -> None:
    """Show what is known of all tasks, or the history of one.

    Of one TASK, such as grid/avenue_a/peak: every result with its gain, and
    every plan that was ever in force with the number for "rollback".

    \b
    Examples:
      signalopt batch show retiming.toml
      signalopt batch show retiming.toml grid/avenue_a/peak
      signalopt batch show retiming.toml --json
    """
    found = batch.show(batch.read_job(job), task)
    if as_json:
        print_json(found)
    elif task is None:
        _say_all(found)
    else:
        _say_one(found)


def _say_all(found: Mapping[str, Any]) -> None:
    print_table(
        "Tasks, by their last result",
        ["task", "run", "verdict", "gain\n%", "delay\ns/veh", "\n→", "plan in\nforce", "proposal"],
        [
            (
                row["task"],
                row["run"],
                row["verdict"],
                gain_cell(row["gain"]),
                number(row["delay_before_s"], 3),
                number(row["delay_after_s"], 3),
                row["in_force"] or "",
                "waits" if row["proposed"] else "",
            )
            for row in found["tasks"]
        ],
        left=(0, 2, 7),
    )
    total = sum(found["times_s"].values())
    if total:
        parts = ", ".join(f"{part} {s / total:.0%}" for part, s in found["times_s"].items())
        click.echo(f"{total:.0f} s of work: {parts}")


def _say_one(found: Mapping[str, Any]) -> None:
    print_table(
        f"{found['task']}: results",
        ["no.", "run", "verdict", "gain\n%", "interval", "files"],
        [
            (
                row["sequence"],
                row["run"],
                "inputs changed" if row["inputs_changed"] else row["found"]["verdict"],
                gain_cell(row["found"]["gain"]),
                _interval(row["found"]["gain"]),
                row["folder"],
            )
            for row in found["records"]
        ],
        left=(2, 5),
        wrap=(5,),
    )
    print_table(
        "Plans that were in force",
        ["no.", "", "origin", "kept since", "hash"],
        [
            (
                row["number"],
                "in force" if row["number"] == found["in_force"] else "",
                row["origin"],
                row["kept"],
                row["digest"][:12],
            )
            for row in found["versions"]
        ],
        left=(1, 2, 3, 4),
    )
    if found["proposed"]:
        click.echo("A proposed plan waits; put it in force with: signalopt batch apply")


def _interval(gain: Mapping[str, Any] | None) -> str:
    return "" if gain is None else f"{gain['low']:.1f} to {gain['high']:.1f}"
