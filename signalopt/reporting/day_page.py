"""The page about a re-timed day: what it is worth, when which plan runs, and every timing sheet."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING

from signalopt.evaluation.progression.bands import plan_bands
from signalopt.model.corridor import INBOUND, OUTBOUND
from signalopt.optimisers.time_of_day.result import clock
from signalopt.optimisers.time_of_day.stepping import METHODS
from signalopt.plotting import plot_day_plan
from signalopt.reporting.cells import MARKS, Cells
from signalopt.reporting.change import QUANTITIES, Change, Tone
from signalopt.reporting.drawing import drawn
from signalopt.reporting.figures import Figures
from signalopt.reporting.page import rendered
from signalopt.reporting.texts import texts as catalogue
from signalopt.reporting.timing import Sheet, timing_sheet

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from signalopt.evaluation.progression.bands import CorridorBands
    from signalopt.model.corridor import Corridor
    from signalopt.model.day import DayFlows
    from signalopt.model.plan import PlanSet
    from signalopt.optimisers.proof import Proof
    from signalopt.optimisers.time_of_day.day_result import DayPlan
    from signalopt.reporting.texts import Texts

Row = tuple[str, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class Day:
    """What the page shows.

    Attributes
    ----------
    plan
        The planned day.
    proof
        What runs today against the schedule, from midnight to midnight; None without.
    flows
        The flows of the day.
    corridors
        The scenario's corridors.
    """

    plan: DayPlan
    proof: Proof | None
    flows: DayFlows
    corridors: Sequence[Corridor] = ()


class DayPage(Figures):
    """Says in words and tables what a day holds.

    Parameters
    ----------
    day
        What to show.
    texts
        The language.
    """

    def __init__(self, day: Day, texts: Texts) -> None:
        super().__init__(texts, 0.95 if day.proof is None else day.proof.confidence)
        self._day = day
        self._schedule = day.plan.schedule
        self._running = day.plan.scenario.plan
        self.changes = () if day.proof is None else tuple(_changes(day.proof))

    @property
    def title(self) -> str:
        """The heading."""
        return self._texts("day.title", scenario=self._day.plan.scenario.name)

    @property
    def tone(self) -> str:
        """How the sentence looks."""
        proof = self._day.proof
        return "" if proof is None else proof.verdict.name.lower()

    def sentence(self) -> str:
        """The whole day in one sentence, bad news included."""
        t, proof = self._texts, self._day.proof
        if proof is None:
            return t("day.unproven")
        (delay,) = (c for c in self.changes if c.quantity == "delay_s_per_veh")
        bad = [t(f"worse.{c.quantity}") for c in self.changes if c.tone is Tone.WORSE]
        return t(
            f"day.{proof.verdict.name.lower()}",
            before=self.figure(delay, "before"),
            after=self.figure(delay, "after"),
            percent=t.percent(delay.relative),
            runs=len(proof.seeds),
            bad=t("verdict.but", bad=t("comma").join(bad)) if bad else t("verdict.no_bad"),
        )

    def more(self) -> list[str]:
        """What stands below it."""
        schedule, t = self._schedule, self._texts
        return [
            t(
                "day.counts",
                plans=len(schedule.plans),
                segments=len(schedule.breakpoints.segments),
                signals=len(schedule.signal_ids),
                changes=len(schedule.changes),
            )
        ]

    def picture(self) -> str:
        """The flows over the segments, as SVG."""
        draw = partial(plot_day_plan, self._day.flows, self._schedule.breakpoints.segments)
        return drawn(draw, self._texts, prefix="day-", label=self._texts("day.alt"))

    def segments(self) -> Iterator[Row]:
        """When which plan runs, and how it is entered."""
        t = self._texts
        for _, row in self._schedule.frame().iterrows():
            seconds = t.number(row["transition_s"], 0)
            yield (row["begin"], row["end"], str(row["plan"]), row["cycle_s"],
                   row["transition"], seconds)  # fmt: skip

    def proofs(self) -> Iterator[Row]:
        """What SUMO said of each plan in a window of its part of the day."""
        t = self._texts
        for number, row in self._day.plan.proofs_frame().iterrows():
            before, after = row["running_s_per_veh"], row["plan_s_per_veh"]
            change = t.percent(after / before - 1 if before else None)
            yield (str(number), row["from"], row["window"], t.number(before), t.number(after),
                   change)  # fmt: skip

    def trials(self) -> Iterator[Row]:
        """What SUMO said of the ways to change plans."""
        for trial in self._day.plan.trials:
            delays = (trial.delay_s_per_veh.get(m, math.nan) for m in METHODS)
            yield (clock(trial.at_s), *map(self._texts.number, delays), trial.method)

    def bands(self) -> Iterator[Row]:
        """Green bands of every corridor that has one, today and in each plan."""
        t = self._texts
        for corridor, by_plan in self._bands:
            for name, found in by_plan.items() if _any_band(by_plan) else ():
                widths = found.directions["bandwidth_s"]
                yield (
                    corridor,
                    name,
                    t.number(found.cycle_s, 0),
                    t.number(widths.get(OUTBOUND), 0),
                    t.number(widths.get(INBOUND), 0),
                )

    def bandless(self) -> str:
        """Which corridors have no band; empty if all have one."""
        names = [name for name, by_plan in self._bands if not _any_band(by_plan)]
        t = self._texts
        return t("day.bandless", names=t("comma").join(names)) if names else ""

    @cached_property
    def _bands(self) -> list[tuple[str, dict[str, CorridorBands]]]:
        """Each corridor's name, of which two may be equal, and its bands by plan."""
        sets = self._plan_sets()
        return [
            (corridor.name, {name: plan_bands(corridor, plan) for name, plan in sets})
            for corridor in self._day.corridors
        ]

    def junctions(self) -> Iterator[tuple[str, list[tuple[str, Sheet]]]]:
        """The timing sheets of every signal, by the plan's name."""
        sets = self._plan_sets()
        for signal_id in self._schedule.signal_ids:
            signal = self._day.plan.scenario.network.signals[signal_id]
            yield (
                signal_id,
                [(name, timing_sheet(plan.programs[signal_id], signal)) for name, plan in sets],
            )

    def times(self) -> str:
        """When each part of the work was done."""
        t = self._texts
        parts = (
            f"{t(f'batch.part.{name}')} {t.number(end_s, 0)}"
            for name, end_s in self._day.plan.provenance["finished_s"].items()
        )
        return t("day.times", parts=t("comma").join(parts))

    def _plan_sets(self) -> list[tuple[str, PlanSet]]:
        plans = [
            (
                self._texts("day.plan", number=k),
                self._running.with_plans(own.values()),
            )
            for k, own in enumerate(self._schedule.plans, start=1)
        ]
        return [(self._texts("day.today"), self._running), *plans]


def _any_band(by_plan: Mapping[str, CorridorBands]) -> bool:
    return any((found.directions["bandwidth_s"] > 0).any() for found in by_plan.values())


def _changes(proof: Proof) -> Iterator[Change]:
    for name, row in proof.table().iterrows():
        figures = {str(k): None if math.isnan(v) else float(v) for k, v in row.items()}
        if str(name) in QUANTITIES and figures["before"] is not None:
            yield Change.read(figures, f"comparison.{name}", str(name))


def day_html(day: Day, language: str = "en") -> str:
    """The page as one HTML file that needs nothing else.

    Parameters
    ----------
    day
        What to show.
    language
        ``en``, ``de`` or ``zh``.

    Raises
    ------
    InputError
        If there is no such language.
    """
    texts = catalogue(language)
    page = DayPage(day, texts)
    return rendered(
        "day.html.j2",
        language,
        w=page,
        t=texts,
        cells=Cells(texts, page),
        marks=MARKS,
        methods=METHODS,
        proof=day.proof,
        scenario=day.plan.scenario,
        provenance=day.plan.provenance,
    )
