"""The time-space diagram of a corridor under a plan, with its bands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signalopt.evaluation.progression.bands import plan_bands
from signalopt.plotting import Band, Windows, plot_time_space

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from signalopt.evaluation.progression.bands import CorridorBands
    from signalopt.model.corridor import Corridor, Direction
    from signalopt.model.plan import PlanSet


def draw_corridor(corridor: Corridor, plan: PlanSet) -> Axes:
    """Draw lights and the widest band of each direction, at free-flow speed.

    A signal with several stop lines on the way is drawn at the first of them.

    Parameters
    ----------
    corridor
        The corridor.
    plan
        Fixed-time plans for its signals.
    """
    ids = corridor.signal_ids
    out = corridor.outbound
    first = _first_lines(out)
    positions_m = [out.positions_m[first[s]] for s in ids]
    found = plan_bands(corridor, plan)
    bands = []
    for name, direction in corridor.directions.items():
        order = ids if name == "outbound" else ids[::-1]
        band = _band(found, name, direction, [ids.index(s) for s in order], order)
        if band is not None:
            bands.append(band)
    back = corridor.inbound
    return plot_time_space(
        positions_m,
        list(ids),
        _windows(out, ids, plan),
        None if back is None else _windows(back, ids, plan),
        bands=bands,
        names=("outbound", "inbound"),
    )


def _first_lines(direction: Direction) -> dict[str, int]:
    """The first stop line of each signal, by signal id."""
    found: dict[str, int] = {}
    for k, signal_id in enumerate(direction.signal_ids):
        found.setdefault(signal_id, k)
    return found


def _windows(direction: Direction, ids: tuple[str, ...], plan: PlanSet) -> list[Windows]:
    lines = _first_lines(direction)
    return [Windows.of_plan(plan.plans[s], direction.groups[lines[s]]) for s in ids]


def _band(
    found: CorridorBands,
    name: str,
    direction: Direction,
    signals: list[int],
    order: tuple[str, ...],
) -> Band | None:
    """The widest band of a direction; None if there is none."""
    row = found.directions.to_dict("index")[name]
    if found.reason or not row["bandwidth_s"] > 0:
        return None
    greens = found.greens[found.greens["direction"] == name]
    arrival_s = dict(zip(greens["stop_line"], greens["arrival_s"], strict=True))
    lines = _first_lines(direction)
    return Band(
        signals=tuple(signals),
        front_s=tuple(row["start_s"] + arrival_s[lines[s] + 1] for s in order),
        width_s=row["bandwidth_s"],
        cycle_s=found.cycle_s,
    )
