"""``signalopt corridor paths``: bands on many paths at once."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from signalopt.cli.constraints import constrained, constraint_options, take_constraints
from signalopt.cli.options import Seconds, choice, json_option, scenario_options
from signalopt.cli.output import print_json, print_table, records
from signalopt.cli.verbs import workflow

if TYPE_CHECKING:
    from collections.abc import Iterable

    from signalopt.model.scenario import Scenario
    from signalopt.workflow import PathWaves, WavePath

CYCLE_STEP_S = 5


class Weighted(click.ParamType[tuple[str, float]]):
    """A name, with a weight after the last equals sign."""

    name = "NAME[=WEIGHT]"

    def convert(
        self,
        value: Any,  # noqa: ANN401 (click's signature)
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> tuple[str, float]:
        """Name and weight from text."""
        if isinstance(value, tuple):
            return value
        name, equals, weight = str(value).rpartition("=")
        if not equals:
            return str(value), 1.0
        try:
            found = float(weight)
        except ValueError:
            found = math.nan
        if not (name and 0 < found < math.inf):
            self.fail(f"{value!r} is no name with a weight above 0, such as main=2.", param, ctx)
        return name, found


class Cycles(click.ParamType[tuple[int, ...]]):
    """Cycles A,B,C, or a range A-B of which every fifth second is tried."""

    name = "CYCLES"

    def convert(
        self,
        value: Any,  # noqa: ANN401 (click's signature)
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> tuple[int, ...]:
        """Cycles from text."""
        if isinstance(value, tuple):
            return value
        low, dash, high = str(value).partition("-")
        try:
            if dash:
                found = tuple(range(int(low), int(high) + 1, CYCLE_STEP_S))
            else:
                found = tuple(int(one) for one in str(value).split(","))
        except ValueError:
            found = ()
        if not found or min(found) <= 0:
            self.fail(f"{value!r} is neither a list such as 80,90 nor a range 70-100.", param, ctx)
        return found


@click.command("paths")
@scenario_options
@click.option("--cars", type=Weighted(), multiple=True, help="Corridor, both ways, for cars.")
@click.option("--bicycles", type=Weighted(), multiple=True, help="Corridor, for bicycles.")
@click.option("--bus", "buses", type=Weighted(), multiple=True, help="Bus line, with its stops.")
@click.option(
    "--way",
    "ways",
    type=Weighted(),
    multiple=True,
    metavar="FROM:TO[=WEIGHT]",
    help="Way between two signals, junctions or edges; it may turn.",
)
@click.option("--require", is_flag=True, help="Every path must get a band.")
@click.option(
    "--least-speed",
    type=click.FloatRange(0, 1, min_open=True),
    default=1.0,
    show_default=True,
    help="Least speed of bands over free flow; the programme chooses. Not for buses.",
)
@click.option(
    "--pace-change",
    "pace_change_s_per_km",
    type=Seconds(),
    help="Largest change of pace between neighbouring links [s/km].",
)
@click.option(
    "--bicycle-speed",
    "bicycle_speed_mps",
    type=click.FloatRange(min=0, min_open=True),
    default=5.0,
    show_default=True,
    help="Speed of bicycles [m/s].",
)
@click.option(
    "--dwell",
    "dwell_s",
    type=Seconds(),
    help="Time at each bus stop (default: the demand's).",
)
@click.option("--half", multiple=True, metavar="SIGNAL", help="Signal with half the cycle.")
@click.option("--double", multiple=True, metavar="SIGNAL", help="Signal with twice the cycle.")
@click.option(
    "--cycles",
    "cycles_s",
    type=Cycles(),
    help="Cycles A,B,C to try, or A-B by 5 s (default: today's).",
)
@click.option(
    "--least-band",
    "least_band_s",
    type=Seconds(),
    default=4.0,
    show_default=True,
    help="What is still a band.",
)
@click.option("--keep-order", is_flag=True, help="Stages stay in the order of today.")
@constraint_options
@click.option(
    "--time",
    "time_limit_s",
    type=Seconds(above_zero=True),
    default=60.0,
    show_default=True,
    help="Time for all cycles.",
)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="File for the plan.")
@json_option
def command(
    *,
    pace_change_s_per_km: float | None,
    half: tuple[str, ...],
    double: tuple[str, ...],
    cycles_s: tuple[int, ...] | None,
    least_band_s: float,
    keep_order: bool,
    time_limit_s: float,
    output: Path | None,
    as_json: bool,
    **params: Any,  # noqa: ANN401 (click passes options of many types)
) -> None:
    """Find bands on many paths at once: crossing roads, turns, buses, bicycles.

    Weights say how much a path's bandwidth counts. A path that costs the others
    too much gets no band, unless --require is given. Splits stay in proportion.

    \b
    Examples:
      signalopt corridor paths scenarios/arterial --cars main=3 --bicycles main
      signalopt corridor paths scenarios/arterial --cars main --bus 10E=2 \\
        --least-speed 0.85 --pace-change 10
      signalopt corridor paths scenarios/grid --way A1:D4 --cycles 70-90
    """
    named = {name: params.pop(name) for name in ("cars", "bicycles", "buses", "ways")}
    shared = {name: params.pop(name) for name in ("least_speed", "require")}
    own = {name: params.pop(name) for name in ("bicycle_speed_mps", "dwell_s")}
    if not any(named.values()):
        raise click.UsageError("Name at least one path with --cars, --bicycles, --bus or --way.")
    limits = take_constraints(params)
    scenario = constrained(choice(params).load(), limits)
    if output is not None:
        workflow.require_writable_file(output)
    found = workflow.path_waves(
        scenario,
        list(_paths(scenario, **named, **shared, **own)),
        cycles_s=cycles_s,
        half=half,
        double=double,
        free_order=not keep_order,
        least_band_s=least_band_s,
        max_slowness_change_s_per_m=(
            math.inf if pace_change_s_per_km is None else pace_change_s_per_km / 1000
        ),
        time_limit_s=time_limit_s,
    )
    if output is not None:
        workflow.export(scenario, found.plan, output)
    if as_json:
        print_json(
            {
                "cycle_s": found.cycle_s,
                "status": found.status.value,
                "objective": found.objective,
                "bound": found.bound,
                "gap": found.gap,
                "paths": records(found.paths),
                "speeds_mps": {name: list(speeds) for name, speeds in found.speeds_mps.items()},
                "offsets_s": {s: found.plan.plans[s].offset_s for s in found.signal_ids},
            }
        )
        return
    _show(found)
    if output is not None:
        click.echo(f"Written: {output}")


def _paths(
    scenario: Scenario,
    *,
    cars: Iterable[tuple[str, float]],
    bicycles: Iterable[tuple[str, float]],
    buses: Iterable[tuple[str, float]],
    ways: Iterable[tuple[str, float]],
    least_speed: float,
    require: bool,
    bicycle_speed_mps: float,
    dwell_s: float | None,
) -> Iterable[WavePath]:
    for name, weight in cars:
        yield from workflow.car_paths(
            workflow.corridor(scenario, name),
            least_speed=least_speed,
            weight=weight,
            required=require,
        )
    for name, weight in bicycles:
        yield from workflow.bicycle_paths(
            scenario,
            workflow.corridor(scenario, name),
            speed_mps=bicycle_speed_mps,
            least_speed=least_speed,
            weight=weight,
            required=require,
        )
    for name, weight in buses:
        yield workflow.bus_path(scenario, name, dwell_s=dwell_s, weight=weight, required=require)
    for name, weight in ways:
        start, _, end = name.partition(":")
        if not (start and end):
            raise click.UsageError(f"--way takes FROM:TO, got {name}.")
        road = workflow.corridor(scenario, f"{start} to {end}", start=start, end=end)
        out, *_ = workflow.car_paths(road, least_speed=least_speed, weight=weight, required=require)
        yield out


def _show(found: PathWaves) -> None:
    print_table(
        f"Bands at a cycle of {found.cycle_s} s: {found.status.value}, gap {found.gap:.1%}",
        [
            "path",
            "stop\nlines",
            "weight",
            "km/h",
            "dwell\ns",
            "today\ns",
            "programme\ns",
            "plan\ns",
        ],
        [
            (
                str(name),
                row["stop_lines"],
                f"{row['weight']:g}",
                f"{3.6 * row['speed_mps']:.1f}",
                f"{row['dwell_s']:g}",
                _short(row["running_band_s"]),
                _short(row["bandwidth_s"]),
                _short(row["plan_band_s"]),
            )
            for name, row in found.paths.to_dict("index").items()
        ],
        wrap=(0,),
    )
    plans = found.plan.plans
    print_table(
        "Plan",
        ["signal", "cycle s", "offset s", "greens s"],
        [(s, plans[s].cycle_s, plans[s].offset_s, plans[s].greens_s) for s in found.signal_ids],
        wrap=(0,),
    )


def _short(value: float) -> str:
    return f"{value:.1f}" if math.isfinite(value) else "none"
