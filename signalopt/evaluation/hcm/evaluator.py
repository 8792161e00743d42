"""The HCM evaluator: control delay of signalised junctions by formula, without simulation.

It follows the motorised vehicle method of the Highway Capacity Manual (7th ed., 2022, chapters 19
and 31) for fixed-time control: lane groups, saturation flow, capacity, control delay, level of
service and back of queue. What it knows and what it leaves out:

- The window is cut into analysis periods of a quarter of an hour; a queue left over at the end of
  one is the initial queue of the next. The first begins empty.
- Arrivals are random (arrival type 3, upstream filtering factor 1): offsets make no difference.
- Pedestrians and bicycles do not hinder turning vehicles (the demand does not say where people
  walk); turns on red, parking, grades and area type are left out, as is spillback.
- Traffic drives on the right: left turns are those that give way and sneak.
- Junctions without a signal and movements that no signal holds back are not covered.
- Responsive programs count with the durations of their phases as written; NEMA programs, phases
  out of order, and signals that flash or are dark are not covered: all their numbers are NaN.
"""

from __future__ import annotations

import hashlib
import platform
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

import signalopt
from signalopt.closing import Closing
from signalopt.errors import InputError
from signalopt.evaluation.hcm.capacity import Server
from signalopt.evaluation.hcm.delay import performance
from signalopt.evaluation.hcm.frames import lane_group_frame, letters, movement_frame, pooled
from signalopt.evaluation.hcm.lanes import build_layout
from signalopt.evaluation.hcm.windows import effective_greens
from signalopt.evaluation.result import (
    JUNCTION_COLUMNS,
    JUNCTION_INDEX,
    MOVEMENT_COLUMNS,
    MOVEMENT_INDEX,
    RUN_COLUMNS,
    Evaluation,
    table,
)
from signalopt.io.sumo_plan import additional_xml
from signalopt.shown import Shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd

    from signalopt.evaluation.hcm.lanes import Layout
    from signalopt.model.plan import PlanSet
    from signalopt.model.scenario import Scenario


@dataclass(frozen=True, kw_only=True, eq=False)
class HcmReport(Shown):
    """What the HCM says of a plan.

    Attributes
    ----------
    lane_groups
        By ``signal_id``, ``edge_id``, ``lanes`` (indices joined by +) and ``begin_s`` of the
        analysis period [s]:

        - ``turns``: ``L``, ``T``, ``R`` or several; ``lane_count``.
        - ``flow_vph``, ``heavy_vehicle_ratio``: demand of the group.
        - ``cycle_s``, ``effective_green_s`` and its parts ``protected_green_s`` and
          ``permissive_green_s`` (any of its streams gives way).
        - ``saturation_flow_vph``: mean discharge of all its lanes over the effective green.
        - ``capacity_vph``, ``degree_of_saturation``.
        - ``uniform_delay_s``, ``incremental_delay_s``, ``initial_queue_delay_s`` and their sum,
          the control delay ``delay_s_per_veh``; ``level_of_service``.
        - ``initial_queue_veh``: of the whole group.
        - ``queue_veh``, ``queue_m``, ``queue_95_veh``, ``queue_95_m``: back of queue per lane,
          mean and 95 %; ``storage_m``; ``storage_ratio`` of the 95 % queue.
    approaches, junctions
        By ``signal_id`` and ``edge_id``, and by ``signal_id``, over the whole window:
        ``vehicles``, ``delay_s_per_veh``, ``degree_of_saturation`` (of the worst movement),
        ``level_of_service``.
    movements
        The same by ``signal_id``, ``from_edge``, ``to_edge``.
    delay_s_per_veh, level_of_service
        Mean control delay of all junctions together, by their flows. It counts a vehicle at every
        signal that it passes, and is not network delay.
    uncovered
        Why signals are left out, by signal id.
    """

    lane_groups: pd.DataFrame
    approaches: pd.DataFrame
    junctions: pd.DataFrame
    movements: pd.DataFrame
    delay_s_per_veh: float
    level_of_service: str
    uncovered: dict[str, str]


class HcmEvaluator(Closing):
    """Evaluates plans by the HCM; the same plan always gives the same numbers.

    Parameters
    ----------
    scenario
        Network, demand and window.
    analysis_period_h
        Length of an analysis period [h]; the window is cut into equal periods close to it.
    base_saturation_flow_vphpl
        Saturation flow of an ideal lane [veh/h per lane]: 1900 in a large metropolitan area, 1750
        elsewhere.

    Raises
    ------
    ValueError
        If a parameter is not positive.
    """

    def __init__(
        self,
        scenario: Scenario,
        *,
        analysis_period_h: float = 0.25,
        base_saturation_flow_vphpl: float = 1900.0,
    ) -> None:
        for name, value in (
            ("analysis_period_h", analysis_period_h),
            ("base_saturation_flow_vphpl", base_saturation_flow_vphpl),
        ):
            if not value > 0:
                raise ValueError(f"{name} is {value}; it must be greater than 0")
        self.scenario = scenario
        self.analysis_period_h = analysis_period_h
        self.base_saturation_flow_vphpl = base_saturation_flow_vphpl

    @cached_property
    def layout(self) -> Layout:
        """Lane groups and demand, the same for all plans.

        Raises
        ------
        InputError
            If no signal of the network controls motor traffic.
        """
        layout = build_layout(self.scenario, analysis_period_h=self.analysis_period_h)
        if not layout.groups:
            raise InputError(
                f"network {self.scenario.network.name!r} has no signal that controls motor "
                "traffic; the HCM method needs one"
            )
        return layout

    def evaluate(self, plan: PlanSet, seeds: Iterable[int] = ()) -> Evaluation:
        """Evaluate one plan set.

        ``junctions`` and ``movements`` hold demand, control delay and the degree of saturation
        over the window (at a junction, that of its worst movement). Control delay is the time
        lost by queueing, slowing down and speeding up at one signal, the counterpart of time
        lost on an approach in simulation. In ``runs`` only ``demanded_veh`` is known: network
        delay also holds what is lost between and outside signals. Backs of queue are no mean
        or largest number of halted vehicles; see `report` for them. All else is NaN.

        Parameters
        ----------
        plan
            The programs of all signals.
        seeds
            One equal run per seed, for pairing with other engines; one run, 0, if empty.
        """
        report = self.report(plan)
        begin_s, end_s = self.scenario.begin_s, self.scenario.end_s
        demanded = self.scenario.demand.due(begin_s, end_s)
        numbers = list(seeds) or [0]
        rows = [{"seed": seed, "demanded_veh": demanded} for seed in numbers]
        return Evaluation(
            runs=table(rows, ["seed"], RUN_COLUMNS),
            junctions=_fixed(report.junctions, JUNCTION_INDEX, JUNCTION_COLUMNS),
            movements=_fixed(report.movements, MOVEMENT_INDEX, MOVEMENT_COLUMNS),
            provenance=self._provenance(plan, numbers, report.uncovered),
        )

    def evaluate_many(
        self, plans: Sequence[PlanSet], seeds: Iterable[int] = ()
    ) -> list[Evaluation]:
        """Evaluate several plan sets, in their order."""
        numbers = list(seeds)
        return [self.evaluate(plan, numbers) for plan in plans]

    def lane_groups(self, plan: PlanSet) -> pd.DataFrame:
        """Every lane group in every analysis period; the columns are those of `HcmReport`."""
        return self.report(plan).lane_groups

    def report(self, plan: PlanSet) -> HcmReport:
        """Everything that the method says of a plan set."""
        layout = self.layout
        greens = effective_greens(layout, self.scenario.network, plan)
        server = Server(layout, greens, self.base_saturation_flow_vphpl)
        service = server.serve()
        found = performance(
            flow_vph=service.flow_vph,
            capacity_vph=service.capacity_vph,
            lanes=server.lanes,
            interval_s=service.interval_s,
            rate_vph=service.rate_vph,
            sneakers_veh=service.sneakers_veh,
            effective_green_s=greens.green_s,
            green_count=np.count_nonzero(greens.starts, axis=1),
            speed_mps=np.array([g.speed_mps for g in layout.groups]),
            period_h=layout.period_s / 3600,
        )
        movements = movement_frame(layout, greens, service, found)
        known = movements.dropna(subset="delay_s")
        vehicles = float(known["vehicles"].sum())
        mean = float(known["delay_s"].sum()) / vehicles if vehicles > 0 else np.nan
        return HcmReport(
            lane_groups=lane_group_frame(layout, greens, server, service, found),
            approaches=pooled(movements, ["signal_id", "from_edge"]).rename_axis(
                ["signal_id", "edge_id"]
            ),
            junctions=pooled(movements, ["signal_id"]),
            movements=movements,
            delay_s_per_veh=mean,
            level_of_service=str(letters(np.array([mean]))[0]),
            uncovered=dict(greens.uncovered),
        )

    def _provenance(
        self, plan: PlanSet, seeds: list[int], uncovered: dict[str, str]
    ) -> dict[str, Any]:
        scenario = self.scenario
        programs = additional_xml(plan.programs[k] for k in sorted(plan.programs))
        return {
            "scenario": scenario.name,
            "signalopt_version": signalopt.__version__,
            "python_version": platform.python_version(),
            "platform": platform.platform(),
            "engine": "hcm",
            "seeds": seeds,
            "begin_s": scenario.begin_s,
            "end_s": scenario.end_s,
            "analysis_period_h": self.analysis_period_h,
            "base_saturation_flow_vphpl": self.base_saturation_flow_vphpl,
            "uncovered": uncovered,
            "plan_sha256": hashlib.sha256(programs.encode()).hexdigest(),
        }

    def close(self) -> None:
        """Nothing to free."""


def _fixed(frame: pd.DataFrame, index: Sequence[str], columns: Sequence[str]) -> pd.DataFrame:
    """The frame with the columns of an evaluation."""
    rows = [
        dict(zip((*index, *frame.columns), row, strict=True))
        for row in frame.reset_index().itertuples(index=False)
    ]
    return table(rows, index, columns)
