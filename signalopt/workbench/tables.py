"""The tables of the page: a junction's timing, and plans side by side."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from dash import html

from signalopt.workbench.views import more

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dash.development.base_component import Component

    from signalopt.model.plan import PlanSet
    from signalopt.workbench.bench import Workbench


def timing_table(bench: Workbench) -> list[Component]:
    """The timing of the chosen junction, stage by stage."""
    where, plan = bench.signal_id, bench.shown(bench.signal_id)
    names = bench.group_names[where]
    rows = []
    for k, (stage, split_s) in enumerate(zip(plan.stages, plan.splits_s, strict=True)):
        served = dict.fromkeys(names[g] for g in sorted(stage.green) if g < len(names))
        rows.append(
            [f"{k + 1}", ", ".join(served), stage.green_s, split_s - stage.green_s, split_s]
        )
    head = ["Stage", "Movements", "Green [s]", "Yellow, all-red [s]", "Split [s]"]
    caption = f"{where}: cycle {plan.cycle_s} s, offset {plan.offset_s} s to the start of stage 1"
    return [_table(caption, head, rows, words=(1,))]


def compare_table(bench: Workbench) -> list[Component]:
    """The plan on screen and all kept ones side by side, by the queue model."""
    where, bands = bench.signal_id, bench.bands()
    directions = [] if bands is None else list(bands.directions.index)
    head = [
        "Plan", "Cycle [s]", "Delay [s/veh]", "Stops [per veh]", f"Delay at {where} [s/veh]",
        *(f"Band {name} [s]" for name in directions), "Proof in SUMO", "",
    ]  # fmt: skip
    rows = [_compared(bench, "On screen", bench.plan, "", None)]
    for k, kept in enumerate(bench.kept):
        button: Component | None = html.Button(
            "Show",
            id={"show": k},
            className="small",
            disabled=kept.plan is bench.plan,
            **more({"aria-label": f"Show {kept.name}"}),
        )
        rows.append(_compared(bench, kept.name, kept.plan, kept.verdict, button))
    return [_table("Queue model's figures; the same drivers for all plans", head, rows, words=(0,))]


def _compared(
    bench: Workbench, name: str, plan: PlanSet, verdict: str, button: Component | None
) -> list[Any]:
    found, bands = bench.figures(plan), bench.bands(plan)
    cycles = sorted({p.cycle_s for p in plan.plans.values()})
    widths = [] if bands is None else bands.directions["bandwidth_s"].tolist()
    here = found.of_signal(bench.signal_id, "delay_s_per_veh")
    return [
        name,
        " ".join(map(str, cycles)) if len(cycles) < 4 else f"{cycles[0]} to {cycles[-1]}",
        f"{found.delay_s_per_veh:.1f}",
        f"{found.stops_per_veh:.2f}",
        f"{here:.1f}" if math.isfinite(here) else "–",
        *(f"{w:.0f}" if math.isfinite(w) else "–" for w in widths),
        verdict or "–",
        button,
    ]


def _table(
    caption: str, head: Sequence[str], rows: Sequence[Sequence[Any]], *, words: tuple[int, ...]
) -> Component:
    return html.Div(
        html.Table(
            [
                html.Caption(caption),
                html.Thead(html.Tr([html.Th(h, scope="col") for h in head])),
                html.Tbody(
                    [
                        html.Tr(
                            [
                                html.Th(cell, scope="row")
                                if k == 0
                                else html.Td(cell, className="" if k in words else "num")
                                for k, cell in enumerate(row)
                            ]
                        )
                        for row in rows
                    ]
                ),
            ]
        ),
        className="scroll",
        tabIndex=0,
        role="region",
        **more({"aria-label": caption}),
    )
