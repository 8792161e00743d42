"""What a report says of each junction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from signalopt.model.plan import SignalPlan
from signalopt.reporting.change import Change, Tone
from signalopt.reporting.timing import Sheet, timing_sheet

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from signalopt.model.movement import Approach
    from signalopt.model.network import Signal
    from signalopt.reporting.run import Run

MOST_PICTURES = 20
"""Junctions with pictures: a city's file must stay small enough to open and to print."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A movement or a leg, as a driver would name it.

    Attributes
    ----------
    bound
        Direction of travel: NB, EB, SB or WB; empty if unknown.
    street
        Name of the street it comes from, may be empty.
    turn
        Value of its `Turn`; empty for a whole leg.
    from_edge, to_edge
        Its edges; no to edge for a leg.
    """

    bound: str
    street: str
    turn: str
    from_edge: str
    to_edge: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartRow:
    """Delay of a movement or a leg before and after.

    Attributes
    ----------
    signal_id, place, change
        Where, and what became of it.
    side_street
        Whether it comes from a side street.
    """

    signal_id: str
    place: Place
    change: Change
    side_street: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneGroupRow:
    """A lane group by the Highway Capacity Manual in its busiest period, before and after.

    Attributes
    ----------
    place, lanes, turns
        Leg, lane indices joined by +, and L, T, R.
    before, after
        Rows of the summary, and where they stand; None if unknown.
    """

    place: Place
    lanes: str
    turns: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    before_path: str
    after_path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Junction:
    """One signal.

    Attributes
    ----------
    signal_id, streets
        Its name, and the streets that meet there.
    changed, stages, note
        Whether its program changed, how its stages did (``same``, ``other order``,
        ``other stages``), and why it was left alone.
    timing_path, timing
        Its row of ``signals`` in the summary, and where it stands.
    change
        Its delay before and after; None if it is not known.
    hcm_before, hcm_after, hcm_before_path, hcm_after_path
        Rows of the HCM, and where they stand; None if unknown.
    uncovered
        Why the HCM says nothing of it; empty if it does.
    movements, lane_groups
        Its parts.
    old, new
        Timing sheets; they are equal if nothing changed.
    gives_way_anew
        Streams that share green anew and conflict.
    pictured
        Whether it has pictures.
    """

    signal_id: str
    streets: tuple[str, ...]
    changed: bool
    stages: str
    note: str
    timing_path: str
    timing: Mapping[str, Any]
    change: Change | None
    hcm_before: Mapping[str, Any] | None
    hcm_after: Mapping[str, Any] | None
    hcm_before_path: str
    hcm_after_path: str
    uncovered: str
    movements: tuple[PartRow, ...]
    lane_groups: tuple[LaneGroupRow, ...]
    old: Sheet
    new: Sheet
    gives_way_anew: tuple[str, ...]
    pictured: bool


def part_rows(run: Run, name: str, side: Mapping[str, Sequence[str]]) -> list[PartRow]:
    """Rows of the legs or movements that were compared, in the order of the summary.

    Parameters
    ----------
    run
        The run.
    name
        ``legs`` or ``movements``.
    side
        Legs that are side streets, by signal.
    """
    compared = run.document["compared"]
    return [
        PartRow(
            signal_id=row["signal_id"],
            place=_place(run, row["signal_id"], row["from_edge"], row.get("to_edge", "")),
            change=Change.read(row, f"compared.{name}.{k}", "delay_s_per_veh"),
            side_street=row["from_edge"] in side.get(row["signal_id"], ()),
        )
        for k, row in enumerate(compared[name] if compared else ())
    ]


def junction_reports(run: Run, movements: Sequence[PartRow]) -> list[Junction]:
    """All signals, those first whose delay changes most in sum; the order of the file without."""
    hcm = run.document["hcm"] or {"before": None, "after": None}
    rows = _by_signal(run, "junctions")
    graded = {side: _graded(hcm[side], f"hcm.{side}.junctions") for side in ("before", "after")}
    groups = _lane_groups(run, hcm)
    anew: dict[str, list[str]] = {}
    for pair in run.document["gives_way_anew"]:
        anew.setdefault(pair["signal_id"], []).append(pair["message"])
    of_signal: dict[str, list[PartRow]] = {}
    for row in movements:
        of_signal.setdefault(row.signal_id, []).append(row)
    before, after = run.scenario.plan.programs, run.after.programs
    order = _order(run, rows)
    pictured = set(_pictured(run, order))
    found = []
    for number, timing in sorted(
        enumerate(run.document["signals"]), key=lambda item: order[item[1]["signal_id"]]
    ):
        signal_id = timing["signal_id"]
        signal = run.scenario.network.signals[signal_id]
        none: tuple[None, str] = (None, "")
        found.append(
            Junction(
                signal_id=signal_id,
                streets=_streets(signal.approaches),
                changed=_changed(run, signal_id),
                stages=timing["stages"],
                note=timing["note"],
                timing_path=f"signals.{number}",
                timing=timing,
                change=rows.get(signal_id),
                hcm_before=graded["before"].get(signal_id, none)[0],
                hcm_after=graded["after"].get(signal_id, none)[0],
                hcm_before_path=graded["before"].get(signal_id, none)[1],
                hcm_after_path=graded["after"].get(signal_id, none)[1],
                uncovered=(hcm["before"] or {}).get("uncovered", {}).get(signal_id, ""),
                movements=tuple(of_signal.get(signal_id, ())),
                lane_groups=tuple(groups.get(signal_id, ())),
                old=timing_sheet(before[signal_id], signal),
                new=timing_sheet(after[signal_id], signal),
                gives_way_anew=tuple(anew.get(signal_id, ())),
                pictured=signal_id in pictured,
            )
        )
    return found


def _by_signal(run: Run, name: str) -> dict[str, Change]:
    compared = run.document["compared"] or {name: []}
    return {
        row["signal_id"]: Change.read(row, f"compared.{name}.{k}", "delay_s_per_veh")
        for k, row in enumerate(compared[name])
    }


def _graded(
    report: Mapping[str, Any] | None, path: str
) -> dict[str, tuple[Mapping[str, Any], str]]:
    rows = [] if report is None else report["junctions"]
    return {row["signal_id"]: (row, f"{path}.{k}") for k, row in enumerate(rows)}


def _order(run: Run, rows: Mapping[str, Change]) -> dict[str, tuple[float, int]]:
    """Sorts signals by the size of the change of their total delay, then as in the file."""
    return {
        row["signal_id"]: (
            -abs(rows[row["signal_id"]].lost_s) if row["signal_id"] in rows else 0.0,
            k,
        )
        for k, row in enumerate(run.document["signals"])
    }


def _pictured(run: Run, order: Mapping[str, tuple[float, int]]) -> list[str]:
    """Signals with pictures: all if they are few, else changed ones whose delay changes most."""
    signals = sorted(order, key=order.__getitem__)
    if len(signals) <= MOST_PICTURES:
        return signals
    changed = [s for s in signals if _changed(run, s)]
    return (changed or signals)[:MOST_PICTURES]


def _changed(run: Run, signal_id: str) -> bool:
    """Whether the street would see another program, wherever its first stage is counted from."""
    old, new = run.scenario.plan.programs[signal_id], run.after.programs[signal_id]
    if isinstance(old, SignalPlan) and isinstance(new, SignalPlan):
        return not np.array_equal(_seen(old), _seen(new))
    return (old.intervals, old.offset_s) != (new.intervals, new.offset_s)


def _seen(plan: SignalPlan) -> NDArray[np.uint8]:
    """What every group shows in each second of the cycle that begins at network time zero."""
    return np.roll(plan.lights_table(), plan.offset_s, axis=0)


def _lane_groups(run: Run, hcm: Mapping[str, Any]) -> dict[str, list[LaneGroupRow]]:
    sides: dict[str, dict[tuple[str, str, str], tuple[Mapping[str, Any], str]]] = {}
    for side in ("before", "after"):
        rows = [] if hcm[side] is None else hcm[side]["lane_groups"]
        sides[side] = {
            (r["signal_id"], r["edge_id"], r["lanes"]): (r, f"hcm.{side}.lane_groups.{k}")
            for k, r in enumerate(rows)
        }
    found: dict[str, list[LaneGroupRow]] = {}
    for key, (row, path) in sides["before"].items():
        signal_id, edge_id, lanes = key
        after, after_path = sides["after"].get(key, (None, ""))
        found.setdefault(signal_id, []).append(
            LaneGroupRow(
                place=_place(run, signal_id, edge_id, ""),
                lanes=lanes,
                turns=row["turns"],
                before=row,
                after=after,
                before_path=path,
                after_path=after_path,
            )
        )
    return found


def _place(run: Run, signal_id: str, from_edge: str, to_edge: str) -> Place:
    network = run.scenario.network
    signal: Signal | None = network.signals.get(signal_id)
    leg = next((a for a in signal.approaches if a.edge_id == from_edge), None) if signal else None
    movement = network.movements.get((from_edge, to_edge))
    return Place(
        bound=leg.bound if leg else "",
        street=leg.name if leg else "",
        turn=movement.turn.value if movement else "",
        from_edge=from_edge,
        to_edge=to_edge,
    )


def _streets(approaches: Iterable[Approach]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(a.name for a in approaches if a.name))


def counted(rows: Iterable[PartRow], tone: Tone) -> list[PartRow]:
    """Rows of a tone, the greatest sum of delay lost or gained first."""
    return sorted((r for r in rows if r.change.tone is tone), key=lambda r: -abs(r.change.lost_s))
