"""Plans that were kept for comparison: the running one, those of runs, and what a proof said."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from signalopt.model.plan import PlanSet
    from signalopt.model.scenario import Scenario
    from signalopt.optimisers.result import OptimisationResult


@dataclass(frozen=True, kw_only=True, eq=False)
class Kept:
    """A plan that can be compared and shown again.

    Attributes
    ----------
    name, plan
        Its name for people, and the plan.
    verdict
        What the proof said, in a sentence; empty without one.
    """

    name: str
    plan: PlanSet
    verdict: str = ""


def as_shown(scenario: Scenario, plan: PlanSet) -> PlanSet:
    """The plan of a run among the programs of the scenario that is on screen.

    The run's scenario may have been another one, whose running plan was on screen. Signals that
    were not touched keep their very programs, by which it is known what changed.
    """
    own = scenario.plan.programs
    programs = {s: own[s] if p == own[s] else p for s, p in plan.programs.items()}
    return replace(scenario.plan, programs=programs)


def proof_sentence(result: OptimisationResult) -> str:
    """What an optimisation found, in a sentence."""
    if result.proof is None:
        return "No better plan was found."
    row: Any = result.proof.table().loc["delay_s_per_veh"]
    what = {
        "ADOPTED": "Proven better in SUMO",
        "KEPT": "Not proven better in SUMO",
    }.get(result.verdict.name, "Not proven")
    return (
        f"{what}: network delay {row['before']:.1f} s to {row['after']:.1f} s per vehicle, "
        f"difference {row['low']:+.1f} to {row['high']:+.1f} s with "
        f"{100 * result.proof.confidence:.0f} % confidence, on {len(result.proof.seeds)} new seeds."
    )
