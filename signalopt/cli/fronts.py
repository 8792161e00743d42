"""``signalopt optimise --pareto``: plans between several goals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from signalopt.cli.output import ProgressBar, number, print_json, print_table
from signalopt.cli.verbs import workflow

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pandas as pd

    from signalopt.model.goals import Goal
    from signalopt.model.scenario import Scenario
    from signalopt.optimisers.front.result import ParetoFront

GOALS_A_TABLE = 2


def run_front(
    scenario: Scenario,
    goals: str,
    *,
    output: Path | None,
    seed: int,
    workers: int | None,
    timeout_s: float | None,
    as_json: bool,
) -> bool:
    """Search a front, write and show it; whether any plan of it is better than the running one."""
    with ProgressBar() as progress:
        front = workflow.pareto(
            scenario,
            [name.strip() for name in goals.split(",")],
            seed=seed,
            workers=workers,
            timeout_s=timeout_s,
            on_progress=progress,
        )
    if output is not None:
        workflow.save_front(front, output, log="\n".join([*progress.lines, repr(front), ""]))
    if as_json:
        print_json(workflow.summarise_front(front))
    else:
        _show(front)
        if output is not None:
            click.echo(f"Written: {output}")
    return bool(front.front)


def _show(front: ParetoFront) -> None:
    table = front.table()
    goals = list(front.goals)
    seeds = len(front.provenance["proof_seeds"])
    for first in range(0, len(goals), GOALS_A_TABLE):
        some = goals[first : first + GOALS_A_TABLE]
        print_table(
            f"{front.scenario.name}: {seeds} runs of each plan on held-out seeds",
            ["plan", *(h for g in some for h in _headers(g)), "dominated by"],
            [
                (plan, *(cell for g in some for cell in _cells(table, plan, g)), row.dominated_by)
                for plan, row in table.iterrows()
            ],
            left=(0, 1 + 4 * len(some)),
            wrap=(0, 1 + 4 * len(some)),
        )
    click.echo("* the interval of the change against the running plan excludes zero")
    click.echo(
        click.wrap_text(
            f"The front was searched in the lane-queue model ({len(front.archive)} plans on it, "
            f"{len(front.members)} simulated); a plan is dominated if another one is better in "
            "these runs, on average nowhere worse.",
            80,
        )
    )


def _headers(goal: Goal) -> Sequence[str]:
    return f"{goal.name}\n{goal.unit}", "± 95 %", "change", ""


def _cells(table: pd.DataFrame, plan: object, goal: Goal) -> Sequence[object]:
    """Mean, half width of its interval, change in per cent and whether that is certain."""
    row, name = table.loc[[plan]].iloc[0], goal.measure
    before = float(table[name].iloc[0])
    change = f"{100 * row[f'{name}_change'] / before:+.1f} %" if before else ""
    clear = "" if row[f"{name}_low"] <= 0 <= row[f"{name}_high"] else "*"
    return number(float(row[name])), number(float(row[f"{name}_half_width"]), 2), change, clear
