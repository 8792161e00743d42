"""The pictures of a report as inline SVG, by name."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from signalopt.evaluation.result import RUN_COLUMNS, Evaluation, table
from signalopt.model.plan import SignalPlan
from signalopt.plotting import (
    plot_convergence,
    plot_network_difference,
    plot_network_map,
    plot_paired_seeds,
    plot_signal_groups,
    plot_stages,
)
from signalopt.plotting.network_map import drawing_order
from signalopt.reporting.corridor_pictures import draw_corridor
from signalopt.reporting.drawing import drawn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from matplotlib.axes import Axes

    from signalopt.reporting.report import Report
    from signalopt.reporting.run import Run
    from signalopt.reporting.texts import Texts

    Values = pd.Series[Any]

SEED_COLUMNS = ("delay_s_per_veh", "stops_per_veh", "worst_trips_delay_s")
MAP_SHARE = 0.99
"""Values above this quantile share the end of the map's colour bar."""
SIDES = ("before", "after")
MAP_LABEL = "delay in the window [vehicle-hours]"
CHANGE_LABEL = "change of delay in the window [vehicle-hours]"


class Pictures:
    """Draws the pictures of a report when they are asked for.

    Parameters
    ----------
    run, report
        What to show.
    texts
        The language of titles and words.
    """

    def __init__(self, run: Run, report: Report, texts: Texts) -> None:
        self._run = run
        self._report = report
        self._texts = texts
        self._count = 0

    def maps(self) -> dict[str, str]:
        """The network with the delay of links and junctions: before, after, difference."""
        if not self._report.compared:
            return {}
        edges = {s: self._hours(s, "lanes", "edge_id") for s in SIDES}
        signals = {s: self._hours(s, "junctions", "signal_id") for s in SIDES}
        if any(s.empty for s in (*edges.values(), *signals.values())):
            return {}
        every = np.concatenate([s.to_numpy() for s in (*edges.values(), *signals.values())])
        limits = (0.0, max(float(np.quantile(every, MAP_SHARE)), 1e-6))
        network = self._run.scenario.network
        found = {}
        for side in SIDES:
            found[side] = self._svg(
                partial(
                    plot_network_map, network, edges=edges[side], signals=signals[side],
                    limits=limits, label=MAP_LABEL,
                ),
                self._texts(f"maps.{side}"),
                self._map_titles(edges[side], signals[side], signed=False),
            )  # fmt: skip
        change, dots = (edges["before"], edges["after"]), (signals["before"], signals["after"])
        found["difference"] = self._svg(
            partial(
                plot_network_difference, network, edges=change, signals=dots, label=CHANGE_LABEL
            ),
            self._texts("maps.difference"),
            self._map_titles(change[1] - change[0], dots[1] - dots[0], signed=True),
        )
        return found

    def _hours(self, side: str, frame: str, by: str) -> Values:
        """Delay by edge or signal in vehicle-hours."""
        rows = self._run.document[side][frame]
        if not rows:
            return pd.Series(dtype=float)
        return pd.DataFrame(rows).groupby(by)["delay_s"].sum() / 3600

    def _map_titles(
        self, edges: Values, signals: Values, *, signed: bool
    ) -> dict[str, Sequence[str]]:
        network, texts = self._run.scenario.network, self._texts

        def line(name: str, value: float) -> str:
            return texts("maps.hover", name=name, hours=texts.number(value, 2, signed=signed))

        known = {str(k): float(v) for k, v in edges.dropna().items()}
        dots = {str(k): float(v) for k, v in signals.dropna().items()}
        return {
            "edges": [
                line(" · ".join(filter(None, (k, network.edges[k].name))), known[k])
                for k in drawing_order(known)
            ],
            "signals": [line(k, dots[k]) for k in network.signals if k in dots],
        }

    def seeds(self) -> dict[str, str]:
        """Paired dots, one line a seed, for some quantities."""
        if not self._report.compared:
            return {}
        before, after = (_evaluation(self._run.document[side]["runs"]) for side in SIDES)
        known = [c for c in SEED_COLUMNS if not before.runs[c].isna().all()]
        return {
            column: self._svg(
                partial(
                    plot_paired_seeds,
                    before,
                    after,
                    column=column,
                    confidence=self._report.confidence,
                ),
                self._texts("seeds.alt", quantity=self._texts(f"quantity.{column}")),
            )
            for column in known
        }

    def convergence(self) -> str:
        """The search; empty if there was none."""
        rows = self._run.document["history"]
        if not rows:
            return ""
        history = pd.DataFrame(rows)
        return self._svg(partial(plot_convergence, history), self._texts("search.alt"))

    def junction(self, signal_id: str) -> dict[str, str]:
        """Stages and signal groups of the old and the new plan."""
        network = self._run.scenario.network
        plans = {"before": self._run.scenario.plan, "after": self._run.after}
        found = {}
        for side, plan_set in plans.items():
            plan = plan_set.programs[signal_id]
            if not isinstance(plan, SignalPlan):
                continue
            label = self._texts(f"junction.stages_{side}", signal=signal_id)
            found[f"stages_{side}"] = self._svg(partial(plot_stages, plan, network), label)
            label = self._texts(f"junction.groups_{side}", signal=signal_id)
            found[f"groups_{side}"] = self._svg(
                partial(plot_signal_groups, plan, network.signals[signal_id]), label
            )
        return found

    def corridor(self, number: int) -> dict[str, str]:
        """Time-space diagrams of a corridor, before and after; empty without fixed-time plans."""
        corridor = self._run.corridors[number]
        plans = {"before": self._run.scenario.plan, "after": self._run.after}
        return {
            side: self._svg(
                partial(draw_corridor, corridor, plan),
                self._texts(f"corridors.alt_{side}", corridor=corridor.name),
            )
            for side, plan in plans.items()
            if all(isinstance(plan.programs[s], SignalPlan) for s in corridor.signal_ids)
        }

    def _svg(
        self,
        draw: Callable[[], Axes],
        label: str,
        titles: Mapping[str, Sequence[str]] | None = None,
    ) -> str:
        self._count += 1
        prefix = f"p{self._count}-"
        return drawn(draw, self._texts, prefix=prefix, label=label, titles=titles)


def _evaluation(rows: Sequence[Mapping[str, Any]]) -> Evaluation:
    filled: Iterator[dict[str, Any]] = (
        {k: math.nan if v is None else v for k, v in row.items()} for row in rows
    )
    return Evaluation(runs=table(list(filled), ["seed"], RUN_COLUMNS))
