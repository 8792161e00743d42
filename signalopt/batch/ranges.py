"""The flows that a plan is made for, by name: of a window, or of a day hour by hour.

A flow is named ``FROM_EDGE>TO_EDGE``, and of an hour ``FROM_EDGE>TO_EDGE at 08:00``. Where hours
are told apart, so are the signals: each is judged hour by hour, lest a changed peak drown in the
day.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from signalopt.model.demand import movement_flows
from signalopt.optimisers.time_of_day.result import clock

if TYPE_CHECKING:
    from collections.abc import Sequence

    from signalopt.model.scenario import Scenario


def named_at(name: str, begin_s: float, step_s: float | None) -> str:
    """The name of a flow or signal in an interval; as it is if intervals are not told apart.

    Examples
    --------
    >>> named_at("a>b", 28800, 3600)
    'a>b at 08:00'
    >>> named_at("a>b", 28800, None)
    'a>b'
    """
    return name if step_s is None else f"{name} at {clock(begin_s)}"


def movements_of(
    scenario: Scenario, signals: Sequence[str], *, step_s: float | None = None
) -> dict[str, list[str]]:
    """Names of the flows through each signal.

    Parameters
    ----------
    scenario
        Its network and window.
    signals
        The signals.
    step_s
        Length of the intervals that are told apart [s]; None for the whole window.
    """
    begins = [0.0] if step_s is None else np.arange(scenario.begin_s, scenario.end_s, step_s)
    return {
        named_at(signal_id, begin_s, step_s): [
            named_at(f"{m.from_edge}>{m.to_edge}", begin_s, step_s)
            for m in scenario.network.signals[signal_id].movements
        ]
        for begin_s in begins
        for signal_id in signals
    }


def demanded_flows(
    scenario: Scenario, movements: dict[str, list[str]], *, step_s: float | None = None
) -> dict[str, float]:
    """Flows of the demand by name [veh/h]; of several demands, their weighted mean.

    Parameters
    ----------
    scenario
        Its demands and window.
    movements
        Names of the flows by signal.
    step_s
        As for `movements_of`.
    """
    weights = scenario.demand_weights
    flows = dict.fromkeys(sorted({name for names in movements.values() for name in names}), 0.0)
    for weight, case in zip(weights, scenario.by_demand.values(), strict=True):
        table = movement_flows(
            case.demand, case.network, begin_s=case.begin_s, end_s=case.end_s, interval_s=step_s
        )
        for begin_s, from_edge, to_edge, flow_vph in zip(
            *(table[c] for c in ("interval_begin_s", "from_edge", "to_edge", "flow_vph")),
            strict=True,
        ):
            name = named_at(f"{from_edge}>{to_edge}", begin_s, step_s)
            if name in flows:
                flows[name] += float(flow_vph) * weight / sum(weights)
    return flows
