"""The parts of the page that change, made from the state of the workbench."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from dash import dcc, html

from signalopt.workbench import locks
from signalopt.workbench.edits import EditRefusedError, cycle_range
from signalopt.workbench.jobs import PHASES, JobState

if TYPE_CHECKING:
    from dash.development.base_component import Component

    from signalopt.evaluation.progression.bands import CorridorBands
    from signalopt.workbench.bench import Workbench
    from signalopt.workbench.jobs import Look


def more(attributes: dict[str, Any]) -> dict[str, Any]:
    """Attributes whose names are none in Python, such as ``aria-label``, for a component."""
    return attributes


def bandwidth_s(bands: CorridorBands, direction: str) -> float:
    """The widest band of a direction [s]; NaN if there can be none."""
    widths: dict[Any, float] = bands.directions["bandwidth_s"].to_dict()
    return widths[direction]


def figure_tiles(bench: Workbench) -> list[Component]:
    """The figures that matter, of the plan on screen against the running one."""
    now, before = bench.figures(), bench.figures(bench.scenario.plan)
    where = bench.signal_id
    here = [now.of_signal(where, name) for name in ("delay_s_per_veh", "stops_per_veh")]
    there = [before.of_signal(where, name) for name in ("delay_s_per_veh", "stops_per_veh")]
    found = [
        _tile("Delay", now.delay_s_per_veh, before.delay_s_per_veh, "s/veh", 1, key="delay"),
        _tile("Stops", now.stops_per_veh, before.stops_per_veh, "per veh", 2, key="stops"),
        _tile(f"Delay at {where}", here[0], there[0], "s/veh", 1, key="delay-here"),
        _tile(f"Stops at {where}", here[1], there[1], "per veh", 2, key="stops-here"),
    ]
    bands = bench.bands()
    if bands is not None:
        old = bench.bands(bench.scenario.plan)
        for name in bands.directions.index:
            width_s = bandwidth_s(bands, name)
            old_s = math.nan if old is None else bandwidth_s(old, name)
            found.append(
                _tile(f"Band {name}", width_s, old_s, "s", 0, key=f"band-{name}", more_is_good=True)
            )
    return found


def _tile(
    name: str,
    value: float,
    before: float,
    unit: str,
    digits: int,
    *,
    key: str,
    more_is_good: bool = False,
) -> Component:
    known = math.isfinite(value)
    change = round(value - before, digits) if known and math.isfinite(before) else math.nan
    tone, words = "", "none" if not known else "as in the running plan"
    if math.isfinite(change) and change:
        tone = "better" if (change > 0) is more_is_good else "worse"
        words = f"{change:+.{digits}f} to the running plan".replace("-", "−")
    return html.Div(
        [
            html.Dt(name),
            html.Dd(
                [
                    html.Span(
                        f"{value:.{digits}f}" if known else "–",
                        className="figure",
                        id=f"tile-{key}",
                    ),
                    html.Span(f" {unit}", className="unit"),
                ]
            ),
            html.Dd(words, className=f"change {tone}"),
        ],
        className="tile",
    )


def controls(bench: Workbench) -> list[Component]:
    """The sliders of the chosen junction, or why there are none."""
    where = bench.signal_id
    why = bench.why_fixed(where)
    if why:
        return [html.P(f"The timing of {where} stays as it is: {why}.", className="muted")]
    sliders = [
        html.Div(
            [
                html.Label(row["label"], htmlFor=row["dom_id"]),
                html.Output(row["shows"], id=row["shows_id"], htmlFor=row["dom_id"]),
                html.Div(
                    dcc.Input(
                        type="range",
                        id=row["dom_id"],
                        value=row["value"],
                        min=row["min"],
                        max=row["max"],
                        step=row["step"],
                        disabled=row["disabled"],
                        className="slider",
                    ),
                    className="track",
                ),
            ],
            className="control",
        )
        for row in control_rows(bench)
    ]
    return [html.Div(sliders, **more({"data-signal": where}))]


def control_rows(bench: Workbench) -> list[dict[str, Any]]:
    """What each slider of the chosen junction shows: offset, splits, cycle."""
    where, plan = bench.signal_id, bench.shown(bench.signal_id)
    held = bench.locked(where)
    rows = [
        {
            "kind": "offset", "label": "Offset", "value": plan.offset_s, "min": 0,
            "max": plan.cycle_s - 1, "step": 1, "shows": f"{plan.offset_s} s",
            "disabled": bool(held & {locks.OFFSET, locks.ALL_OF_IT}),
        }
    ]  # fmt: skip
    for k, one in enumerate(bench.ranges(where)):
        rows.append(
            {
                "kind": "split", "stage": k, "label": f"Stage {k + 1} split",
                "value": one.split_s, "min": one.least_s, "max": one.most_s, "step": 1,
                "shows": f"{one.split_s} s: {one.split_s - one.fixed_s} s green, "
                f"{one.fixed_s} s yellow and all-red",
                "disabled": bool(held & {locks.SPLITS, locks.ALL_OF_IT})
                or one.least_s == one.most_s,
            }
        )  # fmt: skip
    try:
        low_s, high_s, step_s = cycle_range(bench.problem, where)
        rows.append(
            {
                "kind": "cycle", "label": "Cycle, of all junctions that share it",
                "value": plan.cycle_s, "min": low_s, "max": high_s, "step": step_s,
                "shows": f"{plan.cycle_s} s", "disabled": bench.locks.cycle or low_s == high_s,
            }
        )  # fmt: skip
    except EditRefusedError:
        pass
    for row in rows:
        stage = row.get("stage", 0)
        row["dom_id"] = f"control-{row['kind']}-{stage}"
        row["shows_id"] = f"shows-{row['kind']}-{stage}"
    return rows


def progress(look: Look | None) -> list[Component]:
    """How far the optimisation is, in words and as a bar."""
    if look is None:
        return [
            html.P(
                "Starts from the plan on screen and keeps what is locked. SUMO then compares the "
                "two on seeds that the search did not see.",
                className="muted",
            )
        ]
    if look.state is not JobState.RUNNING:
        words = {JobState.DONE: "Finished", JobState.STOPPED: "Stopped"}.get(look.state, "Failed")
        text = f"{words} after {_duration(look.elapsed_s)}. {look.message}".strip()
        return [html.P(text, className="worse" if look.state is JobState.FAILED else "")]
    phase = PHASES.get(look.phase, look.phase) or "getting ready"
    eta = f", about {_duration(look.eta_s)} left of it" if math.isfinite(look.eta_s) else ""
    best = ""
    if math.isfinite(look.best):
        best = f" Best so far {look.best:.1f}, from {look.running:.1f} s/veh."
    asked = " Stopping at the next chance." if look.stopping else ""
    return [
        html.P(f"{_duration(look.elapsed_s)}: {phase}{eta}.{best}{asked}"),
        html.Progress(
            value=f"{look.share_done:.3f}",
            max="1",
            **more({"aria-label": "share of the phase done"}),
        ),
    ]


def lock_choices(bench: Workbench) -> tuple[list[dict[str, Any]], list[str]]:
    """Options and values of the locks of the chosen junction."""
    own = locks.kept_by_scenario(bench.scenario.constraints, bench.signal_id)
    options = [
        {
            "label": f"{name} (the scenario keeps this)" if kind in own else name,
            "value": kind,
            "disabled": kind in own,
        }
        for kind, name in locks.KINDS.items()
    ]
    return options, sorted(bench.locked(bench.signal_id))


def _duration(seconds: float) -> str:
    """A time as people say it."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min"
