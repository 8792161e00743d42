"""Critical-lane splits and Webster's cycle, for stages that may share movements.

Webster gives every stage green in proportion to its critical flow ratio. Where a movement runs
in several stages, or overlaps into transitions, "its" stage is not defined; the linear programme
below keeps the principle, the largest reserve of the most loaded lane, and agrees with Webster
where each movement has one stage (Allsop 1972).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, linprog, minimize

from signalopt.model.control import Aspect
from signalopt.model.demand import movement_flows
from signalopt.theory.cycle import webster_cycle
from signalopt.theory.delay import uniform_delay
from signalopt.theory.overflow import incremental_delay
from signalopt.theory.turns import permitted_left_saturation_flow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from signalopt.model.network import Signal
    from signalopt.model.plan import SignalPlan
    from signalopt.model.scenario import Scenario
    from signalopt.optimisers.decision import Decision

SATURATION_FLOW_VPH = 1800.0
"""Per lane; SUMO's default drivers discharge at 1,800 to 1,900 vehicles per hour."""
TURN_FACTOR = 0.9
SNEAKERS_VPH = 60.0
"""Least saturation flow of a permissive stream: one or two slip through in the yellow."""
MOST_FLOW_RATIO = 0.92


@dataclass(frozen=True, kw_only=True, eq=False)
class LaneDemand:
    """What the lanes at one signal want and what the stages give them.

    Attributes
    ----------
    flow_vph
        Demand of each lane that some stage serves, shape (lanes,) [veh/h].
    stage_flow_vph
        Saturation flow of each lane in each stage, shape (lanes, stages) [veh/h]; 0 at red.
    transition_green_s
        Green of each lane within the transitions, shape (lanes,) [s].
    """

    flow_vph: NDArray[np.float64]
    stage_flow_vph: NDArray[np.float64]
    transition_green_s: NDArray[np.float64]


def group_flows(scenario: Scenario) -> dict[tuple[str, str], float]:
    """Demand of every movement over the scenario's window [veh/h], by (from edge, to edge)."""
    flows = movement_flows(
        scenario.demand,
        scenario.network,
        begin_s=scenario.begin_s,
        end_s=scenario.end_s,
    )
    return {
        (str(a), str(b)): float(flow)
        for a, b, flow in zip(flows["from_edge"], flows["to_edge"], flows["flow_vph"], strict=True)
    }


def lane_demand(
    signal: Signal, plan: SignalPlan, flows: Mapping[tuple[str, str], float]
) -> LaneDemand:
    """Spread movement flows over lanes, and see what each stage offers them.

    A movement's flow is spread evenly over the lanes it may start from. A permissive stream
    discharges through gaps of the streams it yields to (HCM 7th ed., Equation 31-100).
    """
    of_lane: dict[tuple[str, int], dict[int, float]] = defaultdict(lambda: defaultdict(float))
    of_group: dict[int, float] = defaultdict(float)
    turning: set[tuple[str, int]] = set()
    for movement in signal.movements:
        flow_vph = flows.get((movement.from_edge, movement.to_edge), 0.0)
        share_vph = flow_vph / len(movement.connections)
        for c in movement.connections:
            if c.group is not None:
                of_lane[c.from_edge, c.from_lane][c.group] += share_vph
                of_group[c.group] += share_vph
                if movement.turn.is_left or movement.turn.is_right:
                    turning.add((c.from_edge, c.from_lane))
    lanes = [lane for lane, groups in of_lane.items() if sum(groups.values()) > 0]
    n = len(plan.stages)
    offered = np.zeros((len(lanes), n))
    for row, lane in enumerate(lanes):
        groups = of_lane[lane]
        total = sum(groups.values())
        full = SATURATION_FLOW_VPH * (TURN_FACTOR if lane in turning else 1.0)
        for k, stage in enumerate(plan.stages):
            headway = 0.0
            for group, flow in groups.items():
                rate = _rate_vph(signal, stage.lights, group, full, of_group)
                headway += (flow / total) / rate if rate > 0 else np.inf
            offered[row, k] = 1 / headway if 0 < headway < np.inf else 0.0
    in_transition = np.zeros(len(lanes))
    for row, lane in enumerate(lanes):
        in_transition[row] = sum(
            i.duration_s
            for t in plan.transitions
            for i in t.intervals
            if all(i.lights[g].is_green for g in of_lane[lane])
        )
    served = offered.max(axis=1, initial=0) > 0
    return LaneDemand(
        flow_vph=np.array([sum(of_lane[lane].values()) for lane in lanes])[served],
        stage_flow_vph=offered[served],
        transition_green_s=in_transition[served],
    )


def _rate_vph(
    signal: Signal,
    lights: tuple[Aspect, ...],
    group: int,
    full_vph: float,
    of_group: Mapping[int, float],
) -> float:
    if not lights[group].is_green:
        return 0.0
    if lights[group] is Aspect.GREEN:
        return full_vph
    opposing = sum(
        of_group.get(int(j), 0.0) for j in signal.yields[group].nonzero()[0] if lights[j].is_green
    )
    rate = float(permitted_left_saturation_flow(opposing)) if opposing > 0 else full_vph
    return float(np.clip(rate, SNEAKERS_VPH, full_vph))


def critical_flow_ratio(lanes: LaneDemand) -> float:
    """The least share of the cycle in which the stages can serve all lanes (Webster's Y)."""
    if len(lanes.flow_vph) == 0:
        return 0.0
    n = lanes.stage_flow_vph.shape[1]
    found = linprog(np.ones(n), A_ub=-lanes.stage_flow_vph, b_ub=-lanes.flow_vph)
    return float(found.fun) if found.success and found.fun is not None else 1.0


def webster_cycle_s(decision: Decision, lanes: LaneDemand) -> float:
    """Webster's cycle for a signal [s], within its least cycle and 300 s."""
    ratio = min(critical_flow_ratio(lanes), MOST_FLOW_RATIO)
    cycle_s = float(
        webster_cycle([ratio], cycle_lost_time_s=float(decision.plan.cycle_lost_time_s))
    )
    return float(np.clip(cycle_s, decision.least_cycle_s, 300))


def reserve_splits(decision: Decision, lanes: LaneDemand, cycle_s: int) -> NDArray[np.float64]:
    """Stage times that leave the most loaded lane the largest reserve [s], shape (stages,).

    Maximises μ subject to Σ_k s_lk g_k + s_l t_l ≥ μ q_l C for every lane l, g_k at least its
    minimum, and Σ g_k = C − L.

    References
    ----------
    Allsop, R. E. (1972). Estimating the traffic capacity of a signalized road junction.
    Transportation Research 6(3).
    """
    n = len(decision.plan.stages)
    spare_s = cycle_s - decision.plan.cycle_lost_time_s
    if len(lanes.flow_vph) == 0:
        return np.full(n, spare_s / n)
    full = lanes.stage_flow_vph.max(axis=1)
    found = linprog(
        np.append(np.zeros(n), -1.0),
        A_ub=np.hstack([-lanes.stage_flow_vph, (lanes.flow_vph * cycle_s)[:, None]]),
        b_ub=full * lanes.transition_green_s,
        A_eq=np.append(np.ones(n), 0.0)[None, :],
        b_eq=[spare_s],
        bounds=[*((g, None) for g in decision.least_greens_s), (0, None)],
    )
    if found.x is None:
        return np.array(decision.least_greens_s, dtype=float)
    return np.asarray(found.x[:n], dtype=float)


def least_delay_splits(decision: Decision, lanes: LaneDemand, cycle_s: int) -> NDArray[np.float64]:
    """Stage times that minimise the HCM control delay of all lanes together [s], (stages,).

    Starts from the splits with the largest reserve, which are Webster's where they are defined,
    and moves green to where it saves most uniform and incremental delay.

    References
    ----------
    HCM (7th ed., 2022), Equations 19-20 and 19-26.
    """
    start = reserve_splits(decision, lanes, cycle_s)
    if len(lanes.flow_vph) == 0:
        return start

    def total_delay(greens_s: NDArray[np.float64]) -> float:
        return control_delay_s(lanes, cycle_s, greens_s)

    n = len(decision.plan.stages)
    spare_s = float(cycle_s - decision.plan.cycle_lost_time_s)
    found = minimize(
        total_delay,
        start,
        method="SLSQP",
        bounds=Bounds(np.array(decision.least_greens_s, dtype=float), np.full(n, spare_s)),
        constraints=LinearConstraint(np.ones((1, n)), spare_s, spare_s),
        options={"maxiter": 60, "ftol": 1e-6},
    )
    better = found.success and total_delay(found.x) <= total_delay(start)
    return np.asarray(found.x if better else start, dtype=float)


def control_delay_s(lanes: LaneDemand, cycle_s: int, greens_s: NDArray[np.float64]) -> float:
    """HCM control delay of all lanes together, d1 + d2 [s per second, or vehicles].

    Parameters
    ----------
    lanes
        What the lanes want and what the stages give them.
    cycle_s, greens_s
        Cycle and stage times [s].

    References
    ----------
    HCM (7th ed., 2022), Equations 19-20 and 19-26.
    """
    if len(lanes.flow_vph) == 0:
        return 0.0
    full = lanes.stage_flow_vph.max(axis=1)
    weight = lanes.stage_flow_vph / full[:, None]
    effective_s = np.clip(weight @ greens_s + lanes.transition_green_s, 1.0, cycle_s)
    capacity = full * effective_s / cycle_s
    saturation = lanes.flow_vph / capacity
    delay_s = uniform_delay(
        cycle_s=cycle_s, effective_green_s=effective_s, degree_of_saturation=saturation
    ) + incremental_delay(degree_of_saturation=saturation, capacity_vph=capacity)
    return float(lanes.flow_vph @ delay_s) / 3600
