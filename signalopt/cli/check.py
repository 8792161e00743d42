"""``signalopt check``: whether a plan keeps the safety rules."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from signalopt.cli.options import choice, json_option, scenario_options
from signalopt.cli.output import counted, print_json
from signalopt.cli.verbs import workflow

UNSAFE = 4


@click.command("check")
@scenario_options
@click.argument("plan", required=False, type=click.Path(path_type=Path))
@click.option("--plan", "plan_option", type=click.Path(path_type=Path), help="The same as PLAN.")
@json_option
def command(
    *,
    plan: Path | None,
    plan_option: Path | None,
    as_json: bool,
    **params: Any,  # noqa: ANN401 (click passes options of many types)
) -> int:
    """Check a plan against the safety rules.

    PLAN is a plan.json, a SUMO additional file or a run's folder; without it the running
    programs are checked. Ends with exit code 4 if there is an error.

    \b
    Examples:
      signalopt check scenarios/arterial
      signalopt check their.sumocfg runs/first/plan.add.xml
    """
    scenario = choice(params).load()
    if plan is not None and plan_option is not None:
        raise click.UsageError("Name the plan once, as PLAN or as --plan.")
    path = plan or plan_option
    programs = None if path is None else workflow.read_plan_programs(path)
    findings = workflow.check(scenario, programs)
    errors = [f for f in findings if f.severity.value == "error"]
    if as_json:
        print_json(
            {
                "ok": not errors,
                "findings": [
                    {
                        "severity": f.severity.value,
                        "rule": f.rule,
                        "signal_id": f.signal_id,
                        "groups": f.groups,
                        "message": f.message,
                    }
                    for f in findings
                ],
            }
        )
    else:
        for finding in findings:
            click.echo(str(finding))
        warnings = len(findings) - len(errors)
        click.echo(f"{counted(len(errors), 'error')}, {counted(warnings, 'warning')}")
    return UNSAFE if errors else 0
