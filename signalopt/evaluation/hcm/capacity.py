"""Lane choice, saturation flow and capacity of lane groups, all of a network at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from signalopt import theory
from signalopt.evaluation.hcm.greens import RED
from signalopt.evaluation.hcm.permitted import TINY, Permitted

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from signalopt.evaluation.hcm.lanes import Layout
    from signalopt.evaluation.hcm.windows import Greens

    FloatArray = NDArray[np.float64]

MAX_ROUNDS: Final = 100
TOLERANCE_VPH: Final = 0.05
MAX_HEAVY_RATIO: Final = 0.5

_EQUIVALENT: Final = {
    "L": 1 / theory.PROTECTED_LEFT_FACTOR,
    "T": 1.0,
    "R": 1 / theory.PROTECTED_RIGHT_FACTOR,
}


@dataclass(frozen=True, kw_only=True, eq=False)
class Service:
    """How lane groups are used and served.

    Attributes
    ----------
    flow_vph, heavy_ratio, capacity_vph
        Demand, share of heavy vehicles and capacity of each group, shape (periods, groups).
    cell_flow_vph
        Demand of each cell [veh/h], shape (periods, cells).
    through_flow_vph
        Saturation flow of a lane that served through traffic only [veh/h per lane].
    interval_s, rate_vph, sneakers_veh
        The cycle as intervals: length [s], discharge per lane [veh/h], and vehicles per lane that
        leave at its end, shape (periods, groups, intervals).
    """

    flow_vph: FloatArray
    heavy_ratio: FloatArray
    capacity_vph: FloatArray
    cell_flow_vph: FloatArray
    through_flow_vph: FloatArray
    interval_s: FloatArray
    rate_vph: FloatArray
    sneakers_veh: FloatArray


class Server:
    """Serves the demand of a layout under the greens of a plan.

    Parameters
    ----------
    layout, greens
        Lane groups with demand, and their greens.
    base_saturation_flow_vph
        Saturation flow of an ideal lane [veh/h].
    """

    def __init__(self, layout: Layout, greens: Greens, base_saturation_flow_vph: float) -> None:
        self.layout, self.greens, self.base_vph = layout, greens, base_saturation_flow_vph
        self.cell_group = np.array([c.group for c in layout.cells], dtype=np.intp)
        self.cell_stream = np.array([c.stream for c in layout.cells], dtype=np.intp)
        self.group_starts = np.searchsorted(self.cell_group, np.arange(len(layout.groups)))
        self.by_stream = np.argsort(self.cell_stream, kind="stable")
        self.stream_starts = np.searchsorted(
            self.cell_stream[self.by_stream], np.arange(len(layout.streams))
        )
        self.lanes = np.array([len(g.lanes) for g in layout.groups], dtype=np.float64)
        turns = [layout.streams[c.stream].turn for c in layout.cells]
        self.equivalent = np.array([_EQUIVALENT[t] for t in turns])
        self.is_left = np.array([t == "L" for t in turns])
        self.steady_vph = theory.saturation_flow(
            theory.lane_width_factor([g.width_m for g in layout.groups]),
            theory.bus_blockage_factor([g.buses_ph for g in layout.groups], lanes=self.lanes),
            [_utilisation(g.turns, len(g.lanes)) for g in layout.groups],
            base_saturation_flow_vph=base_saturation_flow_vph,
        )
        self.permitted = Permitted(layout, greens)
        self.goes = (greens.state != RED) & ~self.permitted.filters

    def serve(self) -> Service:
        """Find flows and capacities that agree with each other.

        Drivers choose lanes so that all lanes open to them are equally saturated, if possible
        (HCM 7th ed., Equation 31-46, with capacity for saturation flow, which is the same where
        the greens are the same). Capacities depend on the choices through shared lanes and
        opposing queues, so both are found in turn.
        """
        demand = self.layout.flow_vph[:, self.cell_stream]
        flow = demand * self._share_of_stream(np.broadcast_to(self._lanes_of_cells, demand.shape))
        heavy = self._heavy_ratio(flow)
        through = self._through_flow(heavy)
        average = through
        capacity, parts = self._capacity(flow, through, average)
        for _ in range(MAX_ROUNDS):
            average = self._average_rate(parts)
            chosen = self._choose(flow, demand, capacity)
            heavy = self._heavy_ratio(chosen)
            through = self._through_flow(heavy)
            updated, parts = self._capacity(chosen, through, average)
            change = np.abs(chosen - flow).max(initial=0), np.abs(updated - capacity).max(initial=0)
            flow, capacity = chosen, (capacity + updated) / 2
            if max(change) < TOLERANCE_VPH:
                break
        capacity, parts = self._capacity(flow, through, self._average_rate(parts))
        interval_s, rate, sneakers = parts
        shape = (*flow.shape[:1], len(self.lanes), -1)
        return Service(
            flow_vph=self._sum_groups(flow),
            heavy_ratio=heavy,
            capacity_vph=capacity,
            cell_flow_vph=flow,
            through_flow_vph=through,
            interval_s=interval_s.reshape(shape),
            rate_vph=rate.reshape(shape),
            sneakers_veh=sneakers.reshape(shape),
        )

    @property
    def _lanes_of_cells(self) -> FloatArray:
        return self.lanes[self.cell_group]

    def _sum_groups(self, values: FloatArray) -> FloatArray:
        total: FloatArray = np.add.reduceat(values, self.group_starts, axis=1)
        return total

    def _share_of_stream(self, weight: FloatArray) -> FloatArray:
        """Each cell's share of its stream; the weights of one stream must not all be 0."""
        total = np.add.reduceat(weight[:, self.by_stream], self.stream_starts, axis=1)
        share: FloatArray = weight / np.maximum(total, TINY**4)[:, self.cell_stream]
        return share

    def _choose(self, flow: FloatArray, demand: FloatArray, capacity: FloatArray) -> FloatArray:
        """Move flow towards lanes with spare capacity.

        The step ``x ← x·(c/v)``, scaled to the demand, is the growth transform of Baum and Eagon
        (1967) for the sum of c·log v; at its maximum all used lanes have the same v/c.
        """
        for _ in range(4):
            ratio = np.maximum(capacity, TINY) / np.maximum(self._sum_groups(flow), TINY)
            flow = demand * self._share_of_stream(flow * ratio[:, self.cell_group])
        return flow

    def _heavy_ratio(self, flow: FloatArray) -> FloatArray:
        total = self.layout.flow_vph
        share = self.layout.heavy_vph / np.where(total > 0, total, 1.0)
        heavy = self._sum_groups(flow * share[:, self.cell_stream])
        return np.minimum(heavy / np.maximum(self._sum_groups(flow), TINY), MAX_HEAVY_RATIO)

    def _through_flow(self, heavy: FloatArray) -> FloatArray:
        """Saturation flow of a lane if it served through traffic only [veh/h]."""
        return self.steady_vph * theory.heavy_vehicle_grade_factor(heavy)

    def _average_rate(self, parts: tuple[FloatArray, FloatArray, FloatArray]) -> FloatArray:
        """Mean discharge per lane over the effective green [veh/h], at least a vehicle."""
        interval_s, rate, _ = parts
        green_s = (self.greens.duration_s * self.greens.green).sum(axis=-1)
        served = (interval_s * rate).sum(axis=(-1, -2))
        average: FloatArray = np.maximum(served / np.maximum(green_s, TINY), 1.0)
        return average

    def _capacity(
        self, flow: FloatArray, through: FloatArray, average: FloatArray
    ) -> tuple[FloatArray, tuple[FloatArray, FloatArray, FloatArray]]:
        """Capacity of the groups [veh/h], with length, discharge and sneakers of all parts."""
        total = self._sum_groups(flow)
        cells = np.diff(np.append(self.group_starts, len(self.cell_group)))
        share = np.where(
            total[:, self.cell_group] > 0,
            flow / np.maximum(total, TINY)[:, self.cell_group],
            1 / cells[self.cell_group],
        )[..., None]
        goes, filters = share * self.goes, share * self.permitted.filters
        opposing = self.permitted.opposing_flow(flow)
        filtering = theory.filtering_equivalent(
            theory.permitted_left_saturation_flow(opposing), base_saturation_flow_vph=self.base_vph
        )
        p_goes, p_filters = self._sum_groups(goes), self._sum_groups(filters)
        weight = self._sum_groups(goes * self.equivalent[:, None])
        filtered = self._sum_groups(filters * filtering)
        interval_s = self.permitted.parts(total, average, p_filters)
        lane = through[..., None]
        free = _rate(lane, p_goes, weight)
        unblocked = _rate(lane, p_goes + p_filters, weight + filtered)
        left = self._sum_groups(flow * self.is_left) / np.maximum(total, TINY)
        opposed = self.permitted.opposed_equivalent(left, interval_s)
        blocked = np.where(
            self.permitted.one_lane_opposes & (p_goes > 0),
            _rate(lane, p_goes + p_filters, weight + p_filters * opposed),
            0.0,
        )
        rate = np.stack([free, unblocked, blocked, unblocked], axis=-1)
        rate = rate * _unhindered(p_goes + p_filters, interval_s, rate)[..., None]
        sneaking = self._sum_groups(share * self.permitted.sneaks)
        sneakers = np.zeros(rate.shape)
        # Equation 31-60 for two sneakers per cycle: P/(1 − P)·(1 − P²).
        sneakers[..., -1] = sneaking * (1 + sneaking)
        per_cycle = (interval_s * rate / 3600 + sneakers).sum(axis=(-1, -2))
        return self.lanes * per_cycle * 3600 / self.greens.cycle_s, (interval_s, rate, sneakers)


def _utilisation(turns: str, lanes: int) -> float:
    turn = {"L": "left", "R": "right"}.get(turns, "through")
    return float(theory.lane_utilisation_factor(lanes, turn=turn))  # type: ignore[arg-type]  # one of its words


def _rate(lane: FloatArray, share: FloatArray, weight: FloatArray) -> FloatArray:
    """Discharge of a lane in which a share of the vehicles moves, worth some through cars each."""
    rate: FloatArray = np.where(share > TINY, lane * share / np.where(weight > 0, weight, 1.0), 0)
    return rate


def _unhindered(share: FloatArray, interval_s: FloatArray, rate: FloatArray) -> FloatArray:
    """Part of the discharge that is left where vehicles that face red stand in the lane.

    A lane with the share p of vehicles that may go serves p·(1 − pⁿ)/(1 − p) of them on average
    before the first other one stands at the stop line, where n would leave without the others.
    """
    number = (interval_s * rate).sum(axis=-1) / 3600
    hindered = (share < 1 - TINY) & (number > TINY)
    p = np.where(hindered, share, 0.0)
    expected = p * (1 - p**number) / (1 - p)
    part: FloatArray = np.where(hindered, expected / np.where(hindered, number, 1.0), 1.0)
    return np.minimum(part, 1.0)
