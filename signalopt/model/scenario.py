"""A scenario: a network, who travels on it and when, and what may be changed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TYPE_CHECKING, Literal

from signalopt.model.benefit import Benefit
from signalopt.model.objective import Objective
from signalopt.shown import Shown

if TYPE_CHECKING:
    from collections.abc import Container, Mapping
    from pathlib import Path

    from signalopt.model.demand import Demand
    from signalopt.model.network import Network
    from signalopt.model.plan import PlanSet


FIRST_DEMAND = "base"
"""Name of the demand of a scenario that has several."""
ALL = "all"
"""Stands for all signals where constraints name signals."""
AUTO: Literal["auto"] = "auto"
"""Leaves the groups of signals with a common cycle to a published rule."""


def listed(signal_id: str, signals: Container[str]) -> bool:
    """Whether a list of signals in the constraints names a signal, or all of them."""
    return ALL in signals or signal_id in signals


class Turns(Enum):
    """How far an optimiser may change which turns are protected."""

    KEEP = "keep"  # every movement with protected green today keeps one
    WARRANTED = "warranted"  # protection may go where no published warrant asks for it
    FREE = "free"  # turns may yield wherever the right of way lets them, to crossing traffic too


@dataclass(frozen=True, slots=True, kw_only=True)
class Constraints(Shown):
    """What an optimiser must leave alone.

    Attributes
    ----------
    min_green_s
        Least green of a vehicle movement [s]; shorter only where the running program is.
    min_cycle_s, max_cycle_s
        Range of the cycle [s].
    leave_alone
        Signals that keep their running program.
    retime_responsive
        Whether actuated and other responsive programs may be replaced by fixed-time plans.
    turns
        How far the protection of turns may change.
    keep_stages
        Signals whose stages and their order stay as they are; only timings change. Here and in
        the next two, `ALL` stands for all signals.
    keep_splits
        Signals whose stages and the proportions of their greens stay.
    keep_offsets
        Signals whose first stage stays the first and keeps its offset, in proportion to the cycle.
    keep_cycle
        Whether every signal keeps the cycle that it runs today.
    keep_turns
        Movements that stay as protected as they are today whatever `turns` says, each as
        ``"FROM_EDGE>TO_EDGE"``.
    min_green_s_of
        Least green of single movements [s], by the same names; not less than the safety limits.
    cycle_groups
        Groups of signals, each with a cycle of its own; all signals that no group names form
        another. `AUTO` finds groups where neighbouring signals are weakly coupled.
    half_cycles
        Whether a signal may run half or twice the cycle of its group.
    """

    min_green_s: int = 5
    min_cycle_s: int = 10
    max_cycle_s: int = 300
    leave_alone: tuple[str, ...] = ()
    retime_responsive: bool = False
    turns: Turns = Turns.KEEP
    keep_stages: tuple[str, ...] = ()
    keep_splits: tuple[str, ...] = ()
    keep_offsets: tuple[str, ...] = ()
    keep_cycle: bool = False
    keep_turns: tuple[str, ...] = ()
    min_green_s_of: Mapping[str, int] = field(default_factory=dict)
    cycle_groups: tuple[tuple[str, ...], ...] | Literal["auto"] = ()
    half_cycles: bool = False

    def __post_init__(self) -> None:
        if self.min_green_s < 1:
            raise ValueError(f"min_green_s is {self.min_green_s}; it must be at least 1")
        for name, least_s in self.min_green_s_of.items():
            if least_s < 1:
                raise ValueError(f"min_green_s_of {name!r} is {least_s}; it must be at least 1")
        grouped = [s for group in self.listed_groups for s in group]
        twice = next((s for k, s in enumerate(grouped) if s in grouped[:k]), None)
        if twice is not None:
            raise ValueError(
                f"cycle_groups names signal {twice!r} twice; a signal belongs to one group"
            )
        if self.min_cycle_s > self.max_cycle_s:
            raise ValueError(
                f"min_cycle_s is {self.min_cycle_s}, more than max_cycle_s {self.max_cycle_s}; "
                "lower the one or raise the other"
            )
        if not 10 <= self.min_cycle_s <= self.max_cycle_s <= 300:
            raise ValueError(
                f"the cycle range is {self.min_cycle_s} to {self.max_cycle_s} s; "
                "it must lie within 10 to 300 s"
            )

    @property
    def listed_groups(self) -> tuple[tuple[str, ...], ...]:
        """The groups that `cycle_groups` names one by one."""
        return self.cycle_groups if isinstance(self.cycle_groups, tuple) else ()

    def unknown_name(self, network: Network) -> tuple[str, str, str] | None:
        """The first name that stands for nothing in a network, if there is one.

        Returns
        -------
        tuple or None
            The key that names it, whether it should be a ``"signal"`` or a ``"movement"`` that a
            signal releases, and the name.
        """
        for key in ("leave_alone", "keep_stages", "keep_splits", "keep_offsets"):
            for name in getattr(self, key):
                if name not in network.signals and (name != ALL or key == "leave_alone"):
                    return key, "signal", name
        for name in (s for group in self.listed_groups for s in group):
            if name not in network.signals:
                return "cycle_groups", "signal", name
        released = [m for s in network.signals.values() for m in s.movements]
        for key in ("keep_turns", "min_green_s_of"):
            for name in getattr(self, key):
                if not any(m.is_called(name) for m in released):
                    return key, "movement", name
        return None


@dataclass(frozen=True, kw_only=True, eq=False)
class FurtherDemand(Shown):
    """Who may travel instead: on another day, or in another year.

    Attributes
    ----------
    name
        For people.
    weight
        How much it counts; the scenario's own demand counts 1.
    route_paths
        SUMO's files.
    demand
        What they hold.
    """

    name: str
    weight: float
    route_paths: tuple[Path, ...]
    demand: Demand


@dataclass(frozen=True, kw_only=True, eq=False)
class Scenario:
    """A network with its demand, its running plans and a time window.

    Attributes
    ----------
    name, description
        For people.
    source
        The file that it was read from.
    network_path, route_paths, additional_paths
        SUMO's files, in the order that SUMO loads them.
    begin_s, end_s
        The window that counts [s]: vehicles due to depart in [begin_s, end_s).
    warm_up_s
        Simulated before the window, not counted [s].
    sumo_options
        Further options for SUMO, as (name, value) pairs without dashes.
    constraints, objective
        What must stay, and what is minimised.
    corridors
        Signals along named corridors.
    further_demands
        Other demands that a plan must suit as well.
    calibration_path
        File with constants of the lane-queue model, as `calibrate` writes it; None for the
        defaults.
    benefit
        Prices that turn differences into money per year.
    network, plan, demand
        What the files hold: the network, the programs that run in the window, the demand.
    """

    name: str
    source: Path
    network_path: Path
    route_paths: tuple[Path, ...]
    additional_paths: tuple[Path, ...]
    begin_s: float
    end_s: float
    network: Network
    plan: PlanSet
    demand: Demand
    description: str = ""
    warm_up_s: float = 0.0
    sumo_options: tuple[tuple[str, str], ...] = ()
    constraints: Constraints = field(default_factory=Constraints)
    objective: Objective = field(default_factory=Objective)
    corridors: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    further_demands: tuple[FurtherDemand, ...] = ()
    calibration_path: Path | None = None
    benefit: Benefit = field(default_factory=Benefit)

    @property
    def start_s(self) -> float:
        """When the simulation starts [s]: at the window's begin less the warm-up."""
        return self.begin_s - self.warm_up_s

    @property
    def by_demand(self) -> dict[str, Scenario]:
        """The scenario with one demand each, by the demand's name, its own demand first."""
        if not self.further_demands:
            return {FIRST_DEMAND: self}
        alone = replace(self, further_demands=())
        others = {
            d.name: replace(
                alone, name=f"{self.name} {d.name}", route_paths=d.route_paths, demand=d.demand
            )
            for d in self.further_demands
        }
        return {FIRST_DEMAND: alone, **others}

    @property
    def demand_weights(self) -> tuple[float, ...]:
        """How much each demand counts, in the order of `by_demand`."""
        return (1.0, *(d.weight for d in self.further_demands))

    @property
    def vehicles_due(self) -> int:
        """Number of vehicles due from the warm-up on, with all demands together."""
        demands = (self.demand, *(d.demand for d in self.further_demands))
        return sum(demand.due(self.start_s, self.end_s) for demand in demands)

    def __repr__(self) -> str:
        return (
            f"<Scenario {self.name}: {len(self.network.signals)} signals, "
            f"{self.demand.due(self.begin_s, self.end_s)} vehicles due in "
            f"{self.begin_s:g} to {self.end_s:g} s>"
        )

    def _repr_html_(self) -> str:
        text = repr(self).strip("<>")
        return f"<p>{text}</p>" + str(self.plan.frame().to_html())
