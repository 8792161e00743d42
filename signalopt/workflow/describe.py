"""Tables that describe a scenario and its signals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from signalopt.errors import InputError
from signalopt.model.plan import SignalPlan
from signalopt.optimisers.webster import group_flows
from signalopt.safety.guard import network_limits
from signalopt.safety.retime import to_fixed_time

if TYPE_CHECKING:
    import pandas as pd

    from signalopt.model.scenario import Scenario


def overview(scenario: Scenario) -> dict[str, Any]:
    """The figures that describe a scenario, by name."""
    network, demand = scenario.network, scenario.demand
    due = demand.vehicles[
        demand.vehicles["depart_s"].between(scenario.begin_s, scenario.end_s, inclusive="left")
    ]
    classes = due["vehicle_class"].value_counts()
    return {
        "source": str(scenario.source),
        "description": scenario.description,
        "window_s": f"{scenario.begin_s:g} to {scenario.end_s:g}, warm-up {scenario.warm_up_s:g}",
        "junctions": len(network.junctions),
        "edges": len(network.edges),
        "length_km": round(sum(e.length_m for e in network.edges.values()) / 1000, 1),
        "signals_count": len(network.signals),
        "vehicles_due": len(due),
        "vehicle_classes": ", ".join(f"{n} {name}" for name, n in classes.items()),
        "persons": len(demand.persons),
        "timetables": len(scenario.plan.schedule.timetables),
        "corridors": ", ".join(f"{k} ({len(v)})" for k, v in scenario.corridors.items()),
    }


def signals_table(scenario: Scenario) -> pd.DataFrame:
    """One row per signal: control, timing, size and the flow through it [veh/h]."""
    flows = group_flows(scenario)
    frame = scenario.plan.frame().join(scenario.network.signals_frame())
    frame["stages"] = frame["greens_s"].map(len)
    frame["flow_vph"] = [
        sum(
            flows.get((m.from_edge, m.to_edge), 0.0)
            for m in scenario.network.signals[str(signal_id)].movements
        )
        for signal_id in frame.index
    ]
    return frame


def signal_detail(scenario: Scenario, signal_id: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The stages of a signal's running program, and its groups with flows and limits."""
    signal, program = scenario.network.signals[signal_id], scenario.plan.programs[signal_id]
    limits = network_limits(scenario.network, scenario.plan, scenario.constraints)[signal_id]
    plan = program if isinstance(program, SignalPlan) else to_fixed_time(program)
    if plan is None:
        raise InputError(f"signal {signal_id!r} has no stages: {getattr(program, 'reason', '')}")
    flows = group_flows(scenario)
    groups = signal.groups_frame().set_index("group").drop(columns=["signal_id", "yields_to"])
    groups.insert(
        1,
        "flow_vph",
        [
            None
            if signal.crossing_of(int(group)) is not None
            else round(
                sum(
                    flows.get((m.from_edge, m.to_edge), 0.0) / len(m.groups)
                    for m in signal.movements
                    if group in m.groups
                )
            )
            for group in groups.index
        ],
    )
    groups.insert(2, "min_green_s", limits.min_green_s[: len(groups)])
    groups.insert(3, "yellow_s", limits.yellow_s[: len(groups)])
    return plan.frame(), groups
