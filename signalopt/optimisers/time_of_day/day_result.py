"""A planned day: its schedule, and how it was found and proven."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from signalopt.optimisers.time_of_day.proving import trials_frame
from signalopt.optimisers.time_of_day.result import clock

if TYPE_CHECKING:
    from collections.abc import Mapping

    from signalopt.model.scenario import Scenario
    from signalopt.optimisers.proof import Proof
    from signalopt.optimisers.time_of_day.proving import ChangeTrial
    from signalopt.optimisers.time_of_day.result import Breakpoints
    from signalopt.optimisers.time_of_day.schedule import DaySchedule


@dataclass(frozen=True, kw_only=True, eq=False)
class DayPlan:
    """A day's schedule and how it was found.

    Attributes
    ----------
    scenario
        What was planned.
    schedule
        Segments, plans and changes.
    flows_breakpoints
        The breakpoints that the flows alone suggest.
    windows_s
        The window of each plan number in which it was proven [s].
    names
        Where each plan comes from.
    proofs
        The proof of each plan number; None for the running plan and without proof.
    trials
        What SUMO says of each change.
    provenance
        Seeds, budget and run times.
    """

    scenario: Scenario
    schedule: DaySchedule
    flows_breakpoints: Breakpoints
    windows_s: tuple[tuple[float, float], ...]
    names: tuple[str, ...]
    proofs: tuple[Proof | None, ...]
    trials: tuple[ChangeTrial, ...]
    provenance: Mapping[str, Any] = field(default_factory=dict)

    @property
    def breakpoints(self) -> Breakpoints:
        """The segments of the day."""
        return self.schedule.breakpoints

    def proofs_frame(self) -> pd.DataFrame:
        """By plan: where it comes from, the window of its proof, delay before and after."""
        rows = []
        for k, (name, window, proof) in enumerate(
            zip(self.names, self.windows_s, self.proofs, strict=True), start=1
        ):
            delays = [
                float(e.runs["delay_s_per_veh"].mean()) if e is not None else float("nan")
                for e in ((proof.before, proof.after) if proof else (None, None))
            ]
            rows.append((k, name, "–".join(clock(t) for t in window), *delays))
        columns = ["plan", "from", "window", "running_s_per_veh", "plan_s_per_veh"]
        return pd.DataFrame(rows, columns=columns).set_index("plan")

    def changes_frame(self) -> pd.DataFrame:
        """By change: delay around it with each method, and the method that was taken."""
        return trials_frame(self.trials)
