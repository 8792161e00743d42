"""``signalopt optimise``: find a better plan and prove it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from signalopt.cli.compare import print_comparison
from signalopt.cli.constraints import constrained, constraint_options, take_constraints
from signalopt.cli.objectives import objective_options, with_objective
from signalopt.cli.options import (
    Seconds,
    choice,
    json_option,
    scenario_options,
    timeout_option,
    workers_option,
)
from signalopt.cli.output import ProgressBar, print_json, print_table
from signalopt.cli.verbs import workflow
from signalopt.optimisers.stop import AnyOf, MaxEvaluations, MaxRuntime

if TYPE_CHECKING:
    from signalopt.optimisers.result import OptimisationResult
    from signalopt.optimisers.stop import StopCriterion

NOT_PROVEN = 5
REPORT = "report.html"
LIMITS = {
    "max_queue_share": "the longest queue as a share of its leg",
    "max_side_street_delay_s": "the side-street delay [s]",
}


@click.command("optimise")
@scenario_options
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="Folder for plan.json, plan.add.xml, summary.json, report.html and run.log.",
)
@constraint_options
@objective_options
@click.option("--corridor", metavar="NAME", help="Corridor on which to keep bands of green.")
@click.option(
    "--band-share",
    type=click.FloatRange(0, 1),
    help="Share of the widest bands to keep there (default: 0.9).",
)
@click.option("--evaluations", type=click.IntRange(min=1), help="Plans to try at most.")
@click.option(
    "--time",
    "runtime_s",
    type=Seconds(above_zero=True),
    help="Time to search at most; results then depend on the machine's speed.",
)
@click.option("--seed", type=click.IntRange(0, 100_000), default=1, show_default=True)
@click.option("--force", is_flag=True, help="Use the best plan found even if it is not proven.")
@click.option("--no-model", is_flag=True, help="Search without the lane-queue model's proposals.")
@click.option(
    "--resume",
    is_flag=True,
    help="Go on with a run that was interrupted: same inputs, options and --output.",
)
@workers_option
@timeout_option
@json_option
def command(
    *,
    output: Path | None,
    corridor: str | None,
    band_share: float | None,
    evaluations: int | None,
    runtime_s: float | None,
    seed: int,
    force: bool,
    no_model: bool,
    resume: bool,
    workers: int | None,
    timeout_s: float | None,
    as_json: bool,
    **params: Any,  # noqa: ANN401
) -> int:
    """Find a better plan, prove it on held-out seeds, and write it.

    The plan is adopted only if paired simulation runs that the search never saw show it to be
    better; otherwise the running plan is kept and the exit code is 5.

    \b
    Examples:
      signalopt optimise scenarios/arterial -o runs/arterial
      signalopt optimise their.sumocfg --begin 25200 --end 28800 -o runs/am
      signalopt optimise scenarios/arterial -o runs/arterial --resume
    """
    if band_share is not None and corridor is None:
        raise click.UsageError("--band-share goes with --corridor")
    if resume and output is None:
        raise click.UsageError("--resume needs the --output of the run that was interrupted")
    if output is not None:
        workflow.require_output(output)
    journal = None if output is None else output.with_name(f"{output.name}.journal")
    limits = take_constraints(params)
    chosen = choice(params)
    scenario = with_objective(constrained(chosen.load(), limits), params)
    with ProgressBar() as progress:
        result = workflow.optimise(
            scenario,
            stop=_stop(evaluations, runtime_s),
            seed=seed,
            workers=workers,
            force=force,
            use_model=not no_model,
            timeout_s=timeout_s,
            corridor=corridor,
            band_share=band_share,
            journal=journal,
            resume=resume,
            on_progress=progress,
        )
    if output is not None:
        workflow.save_run(result, output, log="\n".join([*progress.lines, repr(result), ""]))
    if journal is not None:
        journal.unlink(missing_ok=True)
    if as_json:
        print_json(workflow.summarise(result))
    else:
        show_result(result, output)
    if output is not None:
        # Last, so that nothing that was found is lost if a picture cannot be drawn.
        path = workflow.report(result, output / REPORT)
        if not as_json:
            click.echo(f"Report: {path}")
    return NOT_PROVEN if result.verdict.name == "KEPT" else 0


def _stop(evaluations: int | None, runtime_s: float | None) -> StopCriterion | None:
    criteria: list[StopCriterion] = []
    if evaluations is not None:
        criteria.append(MaxEvaluations(evaluations))
    if runtime_s is not None:
        criteria.append(MaxRuntime(runtime_s))
    return AnyOf(*criteria) if criteria else None


def show_result(result: OptimisationResult, output: Path | None) -> None:
    """Print what an optimisation found."""
    if result.proof is not None:
        print_comparison(
            f"{result.scenario.name}: {len(result.proof.seeds)} paired runs on held-out seeds",
            result.proof.table(),
        )
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
        wrap=(0, 5, 6),
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
