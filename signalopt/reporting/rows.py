"""Every figure of a report as one long table: what CSV and Markdown are made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from signalopt.reporting.change import Change
    from signalopt.reporting.junctions import Junction
    from signalopt.reporting.report import Report
    from signalopt.reporting.words import Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One quantity of one thing.

    Attributes
    ----------
    section
        Key of the section it belongs to.
    item
        The signal, movement, vehicle class ... that it is about; empty for all traffic.
    quantity, unit
        By the names of the summary, in its units.
    before, after, difference, low, high
        Figures; None if unknown.
    path
        Where they stand in the summary; empty if they follow from it.
    """

    section: str
    item: str
    quantity: str
    unit: str
    before: float | str | None
    after: float | str | None
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    path: str = ""


def rows(report: Report, words: Words) -> Iterator[Row]:
    """The figures of a report in its order."""
    for change in (*report.headline, *report.incidents):
        yield _row("figures", "", change)
    for part in report.classes:
        yield _row("figures", part.vehicle_class, part.change)
    if report.benefit is not None:
        for share in report.benefit.shares:
            yield Row(
                section="benefit",
                item="",
                quantity=share.kind,
                unit=f"{report.benefit.prices.currency} per year",
                before=None,
                after=None,
                difference=share.money,
                low=share.low,
                high=share.high,
            )
    for name, change in report.losers.roads.items():
        yield _row("losers", name, change)
    for row in report.losers.movements:
        yield _row("losers", f"{row.signal_id} {words.edges(row.place)}", row.change)
    for junction in report.junctions:
        yield from _junction(junction)
    for corridor in report.corridors:
        for name, before in corridor.before["directions"].items():
            yield Row(
                section="corridors",
                item=f"{corridor.name} {name}",
                quantity="bandwidth_s",
                unit="s",
                before=before["bandwidth_s"],
                after=corridor.after["directions"][name]["bandwidth_s"],
                path=f"{corridor.path}.{{side}}.directions.{name}.bandwidth_s",
            )


def _row(section: str, item: str, change: Change) -> Row:
    return Row(
        section=section,
        item=item,
        quantity=change.quantity,
        unit=UNITS[change.look.unit],
        before=change.before,
        after=change.after,
        difference=change.difference,
        low=change.low,
        high=change.high,
        path=change.path,
    )


def _junction(junction: Junction) -> Iterator[Row]:
    if junction.change is not None:
        yield _row("junctions", junction.signal_id, junction.change)
    before, after = junction.hcm_before or {}, junction.hcm_after or {}
    for name, unit in (("degree_of_saturation", "1"), ("level_of_service", "")):
        yield Row(
            section="junctions",
            item=junction.signal_id,
            quantity=name,
            unit=unit,
            before=before.get(name),
            after=after.get(name),
        )
    for name, unit in (("cycle_s", "s"), ("offset_s", "s")):
        yield Row(
            section="junctions",
            item=junction.signal_id,
            quantity=name,
            unit=unit,
            before=getattr(junction.old, name),
            after=getattr(junction.new, name),
        )
    for group in junction.lane_groups:
        for name, unit in (("degree_of_saturation", "1"), ("queue_95_m", "m")):
            yield Row(
                section="junctions",
                item=f"{junction.signal_id} {group.place.from_edge} {group.lanes}",
                quantity=name,
                unit=unit,
                before=(group.before or {}).get(name),
                after=(group.after or {}).get(name),
            )


UNITS = {
    "s_per_veh": "s/veh",
    "s_per_person": "s/person",
    "per_veh": "1/veh",
    "kmh": "m/s",
    "veh": "veh",
    "m": "m",
    "percent": "1",
    "g_per_veh": "g/veh",
    "count": "1",
}
"""Units of the summary by those of the page."""
