"""The report of a run as data: every figure with the place in the run's summary it comes from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from signalopt.model.side_streets import side_streets
from signalopt.reporting.benefit import BenefitFigures, benefit
from signalopt.reporting.change import Change, Tone
from signalopt.reporting.junctions import Junction, PartRow, counted, junction_reports, part_rows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from signalopt.reporting.run import Run

HEADLINE = (
    "delay_s_per_veh", "person_delay_s_per_person", "worst_trips_delay_s",
    "side_street_delay_s_per_veh", "stops_per_veh", "travel_time_s_per_veh", "speed_mps",
    "queue_veh", "max_queue_m", "fuel_g_per_veh", "co2_g_per_veh",
)  # fmt: skip
INCIDENTS = (
    "demanded_veh", "completed_veh", "missing_veh", "teleports", "collisions",
    "emergency_braking", "emergency_stops",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassChange:
    """A quantity of one vehicle class before and after."""

    vehicle_class: str
    change: Change


@dataclass(frozen=True, slots=True, kw_only=True)
class Losers:
    """Who gets better and who gets worse.

    Attributes
    ----------
    legs, movements
        All that were compared.
    roads
        Side streets and main roads together, by ``side`` and ``main``.
    """

    legs: tuple[PartRow, ...]
    movements: tuple[PartRow, ...]
    roads: Mapping[str, Change]

    @property
    def worse(self) -> list[PartRow]:
        """Movements that are worse by more than chance, most lost time first."""
        return counted(self.movements, Tone.WORSE)

    @property
    def better(self) -> list[PartRow]:
        """Movements that are better by more than chance."""
        return counted(self.movements, Tone.BETTER)

    @property
    def worse_side_legs(self) -> list[PartRow]:
        """Side streets that are worse by more than chance."""
        return [row for row in counted(self.legs, Tone.WORSE) if row.side_street]


@dataclass(frozen=True, slots=True, kw_only=True)
class CorridorRow:
    """Bands of a corridor before and after.

    Attributes
    ----------
    name, signal_ids
        The corridor.
    path
        Where its figures stand in the summary.
    before, after
        ``cycle_s``, ``reason`` (why there are no bands) and the figures by direction.
    """

    name: str
    signal_ids: tuple[str, ...]
    path: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything that a report says, in the order that it says it.

    Attributes
    ----------
    name, description, begin_s, end_s
        The scenario and its window [s].
    verdict
        ``adopted``, ``kept`` or ``forced``, and whether two plans were compared at all.
    runs, confidence
        Number of paired runs, and probability of the intervals.
    headline, classes, incidents
        What became of all traffic, of each vehicle class, and what went wrong in simulation.
    benefit
        In money per year; None without a comparison.
    losers
        Who gets worse, and who better.
    junctions, corridors
        One by one.
    summary
        The run's summary, for what is shown as it stands: search, agreement, provenance.
    """

    name: str
    description: str
    begin_s: float
    end_s: float
    verdict: str
    compared: bool
    runs: int
    confidence: float
    headline: tuple[Change, ...]
    classes: tuple[ClassChange, ...]
    incidents: tuple[Change, ...]
    benefit: BenefitFigures | None
    losers: Losers
    junctions: tuple[Junction, ...]
    corridors: tuple[CorridorRow, ...]
    summary: Mapping[str, Any]

    def change(self, quantity: str) -> Change | None:
        """A quantity of all traffic, if it is known."""
        every = (*self.headline, *self.incidents)
        return next((c for c in every if c.quantity == quantity), None)

    @property
    def signals_changed(self) -> int:
        """Number of signals whose program changes."""
        return sum(j.changed for j in self.junctions)

    @property
    def all_pictured(self) -> bool:
        """Whether every junction has pictures."""
        return all(j.pictured for j in self.junctions)


def make_report(run: Run) -> Report:
    """The report of a run: a pure function of its summary, its scenario and its plans."""
    document, scenario = run.document, run.scenario
    side = side_streets(scenario)
    movements = part_rows(run, "movements", side)
    compared = document["compared"] or {"roads": [], "classes": []}
    return Report(
        name=run.name,
        description=scenario.description,
        begin_s=document["scenario_source"]["begin_s"],
        end_s=document["scenario_source"]["end_s"],
        verdict=document["verdict"],
        compared=run.compared,
        runs=len(document["before"]["runs"]) if run.compared else 0,
        confidence=document["confidence"] or 0.0,
        headline=_changes(run, HEADLINE),
        classes=tuple(
            ClassChange(
                vehicle_class=row["vehicle_class"],
                change=Change.read(row, f"compared.classes.{k}", row["quantity"]),
            )
            for k, row in enumerate(compared["classes"])
        ),
        incidents=_changes(run, INCIDENTS),
        benefit=benefit(run),
        losers=Losers(
            legs=tuple(part_rows(run, "legs", side)),
            movements=tuple(movements),
            roads={
                row["road"]: Change.read(row, f"compared.roads.{k}", "delay_s_per_veh")
                for k, row in enumerate(compared["roads"])
            },
        ),
        junctions=tuple(junction_reports(run, movements)),
        corridors=tuple(
            CorridorRow(
                name=row["name"],
                signal_ids=tuple(row["signal_ids"]),
                path=f"corridors.{k}",
                before=row["before"],
                after=row["after"],
            )
            for k, row in enumerate(document["corridors"])
        ),
        summary=document,
    )


def _changes(run: Run, names: tuple[str, ...]) -> tuple[Change, ...]:
    table = run.document["comparison"] or {}
    found = (Change.read(table[n], f"comparison.{n}", n) for n in names if n in table)
    return tuple(change for change in found if change.known)
