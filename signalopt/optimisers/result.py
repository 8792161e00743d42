"""What an optimisation found, whether it is proven, and what changed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from signalopt.optimisers.demands import by_demand
from signalopt.optimisers.proof import Verdict
from signalopt.safety.guard import check_program, network_limits

if TYPE_CHECKING:
    from collections.abc import Mapping

    from signalopt.model.plan import PlanSet, Program, SignalPlan
    from signalopt.model.scenario import Scenario
    from signalopt.optimisers.agreement import Agreement
    from signalopt.optimisers.green_wave.kept import KeptBand
    from signalopt.optimisers.leniency import Leniency
    from signalopt.optimisers.proof import Proof


@dataclass(frozen=True, kw_only=True, eq=False)
class OptimisationResult:
    """The outcome of an optimisation.

    Attributes
    ----------
    scenario
        What was optimised.
    plan
        The plan set to use: the candidate if it is proven, otherwise the running one.
    candidate
        The best plan set found; None if nothing better than the running one turned up.
    proof
        The paired comparison on held-out seeds; None without a candidate.
    verdict
        How it ended.
    history
        Every plan evaluated in the search.
    left_alone
        Why some signals stay as they are, by signal id.
    stopped
        Why the search ended.
    agreement
        How far the fast model and the simulation agree about the plans that both judged; None
        without the model.
    leniency
        What giving up protection where no warrant asks for it would gain, in the fast model, if
        all protected turns were kept; None if nothing, or without the model.
    worth
        What each kind of change is worth in the fast model (`worth_of_changes`); None without a
        candidate or without the model.
    band
        The bands that the candidate keeps on a corridor; None if none were asked for.
    provenance
        Versions, seeds, hashes, times.
    """

    scenario: Scenario
    plan: PlanSet
    candidate: PlanSet | None
    proof: Proof | None
    verdict: Verdict
    history: pd.DataFrame
    left_alone: Mapping[str, str]
    stopped: str
    agreement: Agreement | None = None
    leniency: Leniency | None = None
    worth: pd.DataFrame | None = None
    band: KeptBand | None = None
    provenance: Mapping[str, Any] = field(default_factory=dict)

    @property
    def adopted(self) -> bool:
        """Whether a plan better than the running one was proven."""
        return self.verdict is Verdict.ADOPTED

    @property
    def limits_exceeded(self) -> Mapping[str, tuple[float, float]]:
        """Limits of the objective that the candidate exceeds: mean found and limit, by name."""
        return {} if self.proof is None else self.proof.limits_exceeded

    @property
    def new_plans(self) -> list[SignalPlan]:
        """The plans that differ from the running ones, by signal id."""
        running = self.scenario.plan.programs
        return [
            plan for signal_id, plan in self.plan.plans.items() if plan is not running[signal_id]
        ]

    def changes(self) -> pd.DataFrame:
        """One row per signal: cycle, offset and green times [s], before and after.

        ``stages`` says what became of the stages: ``same``, ``other order`` or ``other stages``.
        """
        columns = [
            "cycle_s_before", "cycle_s_after", "offset_s_before", "offset_s_after",
            "greens_s_before", "greens_s_after", "stages", "note",
        ]  # fmt: skip
        rows = []
        for signal_id, old in self.scenario.plan.programs.items():
            new = self.plan.programs[signal_id]
            rows.append(
                (
                    signal_id,
                    old.cycle_s,
                    new.cycle_s,
                    old.offset_s,
                    new.offset_s,
                    getattr(old, "greens_s", ()),
                    getattr(new, "greens_s", ()),
                    _compare_stages(old, new),
                    self.left_alone.get(signal_id, ""),
                )
            )
        return pd.DataFrame(rows, columns=["signal_id", *columns]).set_index("signal_id")

    def by_demand(self) -> pd.DataFrame:
        """The proof demand by demand (see `signalopt.optimisers.demands.by_demand`).

        Without rows if there is one demand or nothing was proven.
        """
        if self.proof is None:
            return pd.DataFrame()
        return by_demand(
            self.proof.before,
            self.proof.after,
            self.scenario.objective,
            confidence=self.proof.confidence,
        )

    def gives_way_anew(self) -> pd.DataFrame:
        """Streams that get green together and conflict, which they do not today.

        One row per pair: the signal, and what the safety rules say of it. These are for the
        engineer to look at: allowed by the policy on turns, but new to the street.
        """
        scenario = self.scenario
        limits = network_limits(scenario.network, scenario.plan, scenario.constraints)
        rows = [
            (plan.signal_id, finding.message)
            for plan in self.new_plans
            for finding in check_program(plan, limits[plan.signal_id])
            if finding.rule == "new_permissive_conflict"
        ]
        return pd.DataFrame(rows, columns=["signal_id", "message"])

    def __repr__(self) -> str:
        text = f"<OptimisationResult of {self.scenario.name}: {self.verdict.value}"
        if self.proof is not None:
            row = self.proof.table().loc["delay_s_per_veh"]
            text += f", delay {row['before']:.1f} to {row['after']:.1f} s/veh"
        return text + ">"

    def _repr_html_(self) -> str:
        html = f"<p>{repr(self).strip('<>')}</p>"
        if self.proof is not None:
            html += str(self.proof.table().round(3).to_html())
        return html + str(self.changes().to_html())


def _compare_stages(old: Program, new: Program) -> str:
    before = [s.lights for s in getattr(old, "stages", ())]
    after = [s.lights for s in getattr(new, "stages", ())]
    if new is old or any(before[k:] + before[:k] == after for k in range(len(before))):
        return "same"
    return "other order" if sorted(before) == sorted(after) else "other stages"
