"""What commands of a batch print while it runs and when it ends."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from signalopt.cli.output import number, print_json, print_table
from signalopt.cli.verbs import batch

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

QUIET = ("run_begins", "run_ends", "task_skipped")
WORDS = {
    "task_waiting": "to do",
    "task_running": "begins",
    "task_done": "done",
    "task_failed": "FAILED",
    "task_outdated": "OUTDATED",
    "worker_lost": "begins anew",
    "plan_applied": "applied",
    "plan_not_applied": "NOT APPLIED",
    "log_not_written": "log not written",
}


def say_event(event: str, /, **facts: object) -> None:
    """Print an event for people, on standard error."""
    if event not in QUIET:
        reason = f": {facts['reason']}" if facts.get("reason") else ""
        click.echo(f"{WORDS.get(event, event):11}  {facts.get('task', '')}{reason}", err=True)


def say_event_as_json(event: str, /, **facts: object) -> None:
    """Print an event as a line of JSON, on standard error."""
    click.echo(json.dumps({"event": event, **facts}), err=True)


def work(
    job: Path, *, resume: bool, cluster: str | None, rebuild: bool, as_json: bool, log_json: bool
) -> int:
    """Run or resume a job, print what came of it, and return the exit code."""
    found = batch.read_job(job)
    outcome, summary = batch.run(
        found,
        resume=resume,
        cluster=cluster,
        rebuild_ledger=rebuild,
        on_event=say_event_as_json if log_json else say_event,
    )
    if as_json:
        print_json(summary)
    else:
        _say(summary)
        click.echo(f"Summary: {batch.run_folder(found.state, summary['run']) / 'summary.html'}")
    return outcome.exit_code


def _say(summary: Mapping[str, Any]) -> None:
    print_table(
        f"Run {summary['run']}: {summary['state']}, {summary['seconds']:.0f} s",
        ["task", "outcome", "gain\n%", "delay\ns/veh", "\n→", "why"],
        [
            (
                row["task"],
                row["state"],
                gain_cell(row["gain"]),
                number(row["delay_before_s"], 3),
                number(row["delay_after_s"], 3),
                row["reason"],
            )
            for row in summary["tasks"]
        ],
        left=(0, 1, 5),
        wrap=(0, 5),
    )
    if summary["waiting"]:
        click.echo(
            click.wrap_text(
                f"Proposed plans wait for: {', '.join(summary['waiting'])}. Look at their reports, "
                "then apply them: signalopt batch apply JOB --yes",
                80,
            )
        )


def gain_cell(gain: Mapping[str, Any] | None) -> str:
    """A gain in per cent; nothing if unknown."""
    return "" if gain is None else f"{100 * gain['share']:+.1f}"
