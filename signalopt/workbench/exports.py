"""What can be downloaded of the plan on screen: plan.json, SUMO's additional file, timing sheet."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from signalopt import workflow
from signalopt.plotting.group_names import group_names

if TYPE_CHECKING:
    from signalopt.model.plan import PlanSet
    from signalopt.model.scenario import Scenario

FILES = {
    "plan.json": "application/json",
    "plan.add.xml": "application/xml",
    "timing.csv": "text/csv",
}
"""Names of the files, with their types."""
TIMING_COLUMNS = (
    "signal",
    "cycle_s",
    "offset_s",
    "stage",
    "movements",
    "green_s",
    "yellow_and_all_red_s",
    "split_s",
)


def file_text(scenario: Scenario, plan: PlanSet, name: str) -> str:
    """The text of a file.

    Raises
    ------
    KeyError
        If there is no such file.
    UnsafePlanError
        If the plan breaks a safety rule.
    """
    if name not in FILES:
        raise KeyError(name)
    if name == "timing.csv":
        return timing_sheet(scenario, plan)
    return workflow.plan_text(scenario, plan, "json" if name.endswith("json") else "xml")


def timing_sheet(scenario: Scenario, plan: PlanSet) -> str:
    """One row per stage of every fixed-time plan, as a technician types them into a controller."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(TIMING_COLUMNS)
    for signal_id, own in plan.plans.items():
        names = group_names(scenario.network.signals[signal_id])
        for k, (stage, split_s) in enumerate(zip(own.stages, own.splits_s, strict=True)):
            served = dict.fromkeys(names[g] for g in sorted(stage.green) if g < len(names))
            writer.writerow(
                [
                    _plain(signal_id),
                    own.cycle_s,
                    own.offset_s,
                    k + 1,
                    _plain("; ".join(served)),
                    stage.green_s,
                    split_s - stage.green_s,
                    split_s,
                ]
            )
    return out.getvalue()


def _plain(text: str) -> str:
    """Text that a spreadsheet does not take for a formula."""
    return f"'{text}" if text[:1] in tuple("=+-@\t\r") else text
