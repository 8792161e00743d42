"""Draw the pictures of docs/gallery.md: ``python docs/make_gallery.py [NAME ...]``.

Everything comes from the bundled scenarios: a short search for offsets in the queue model, its
plan and the running one in SUMO, and an optimisation of ten minutes; some minutes on two cores.
With names, only those pictures are drawn.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click
import matplotlib as mpl
import numpy as np
import pandas as pd
from gallery_data import along, lane_queues, passages, road_queues
from gallery_scene import (
    ROOT,
    corridor,
    explored,
    ids,
    new_plan,
    positions_m,
    proof,
    run,
    scenario,
    ways,
)
from PIL import Image

import signalopt as so
from signalopt import plotting as pictures
from signalopt.model.day import day_flows
from signalopt.model.demand import movement_flows

if TYPE_CHECKING:
    from collections.abc import Callable

    from gallery_bands import Corridor
    from matplotlib.axes import Axes

FOLDER = ROOT / "docs" / "gallery"
SHOWN_S = (26_400.0, 26_720.0)
DIRECTIONS = ("eastbound", "westbound")
SMALL_WIDTH, SMALL_COLOURS = 700, 64
STOP = 2  # the signal, counted from the west, whose eastbound arrivals are shown


def _time_space(lights: Corridor, title: str, *, end_s: float = SHOWN_S[1], **more: object) -> Axes:
    return pictures.plot_time_space(
        lights.positions_m,
        lights.ids,
        lights.outbound,
        lights.inbound,
        begin_s=SHOWN_S[0],
        end_s=end_s,
        names=DIRECTIONS,
        title=title,
        **more,
    )


def time_space() -> Axes:
    """Bands both ways."""
    now = corridor(scenario().plan)
    moved = now.moved(now.offsets()[0])
    return _time_space(moved, "Main Street, offsets for the widest bands", bands=moved.bands())


def time_space_vehicles() -> Axes:
    """Simulated vehicles, coloured by speed."""
    out, _ = ways()
    track = along(scenario().network, out, positions_m(), run("after"))
    return _time_space(
        corridor(new_plan()),
        "Main Street, new offsets, eastbound",
        end_s=SHOWN_S[0] + 200,
        trajectories=track,
    )


def time_space_queues() -> Axes:
    """Queues behind the stop lines."""
    found = []
    for name, one, upwards in zip(("outbound", "inbound"), ways(), (True, False), strict=True):
        places_m = positions_m() if upwards else positions_m()[::-1]
        track = along(scenario().network, one, places_m, run("before"))
        track = track[track["time_s"].between(*SHOWN_S)]
        for signal, stop_m in zip(ids(), positions_m(), strict=True):
            queue = road_queues(track, stop_m, upwards=upwards)
            found.append(queue.assign(signal=signal, direction=name))
    table = pd.concat(found)
    return _time_space(corridor(scenario().plan), "Main Street, running plan", queues=table)


def stages() -> Axes:
    """The stages of a junction with pedestrians."""
    return pictures.plot_stages(scenario().plan.plans["A2"], scenario().network)


def signal_groups() -> Axes:
    """The same plan, group by group."""
    return pictures.plot_signal_groups(
        scenario().plan.plans["A2"], scenario().network.signals["A2"]
    )


def rings() -> Axes:
    """Rings and barriers of the same plan."""
    return pictures.plot_rings(scenario().plan.plans["A2"], scenario().network)


def _stop_line(which: str) -> tuple[np.ndarray, np.ndarray]:
    """Arrivals, undelayed from 250 m before, and departures, of vehicles straight on."""
    network, one = scenario().network, ways()[0]
    edge, onward = one.stop_edges[STOP], one.edges[one.edges.index(one.stop_edges[STOP]) + 1]
    before = one.edges[one.edges.index(edge) - 1]
    straight = run(which).tracks.groupby("vehicle")["edge_id"].agg(set)
    straight = straight[straight.map(lambda e: {before, edge, onward} <= e)].index
    tracks = run(which).tracks
    mine = replace(run(which), tracks=tracks[tracks["vehicle"].isin(straight)])
    short_m = 250 - network.edges[edge].length_m
    arrivals = passages(network, before, mine, before_m=short_m)
    return arrivals + 250 / network.edges[edge].speed_mps, passages(network, edge, mine)


def coordination() -> Axes:
    """When vehicles arrive in the cycle."""
    lights = corridor(new_plan()).outbound[STOP]
    arrivals, _ = _stop_line("after")
    return pictures.plot_coordination(
        arrivals, lights, begin_s=25_200, end_s=27_000, name=f"{ids()[STOP]} eastbound"
    )


def flow_profile() -> Axes:
    """Arrivals and departures over the cycle."""
    lights = corridor(new_plan()).outbound[STOP]
    steps = round(lights.cycle_s / 2)

    def profile(times_s: np.ndarray) -> np.ndarray:
        inside = times_s[(times_s >= 25_200) & (times_s < 27_000)] % lights.cycle_s
        counts, _ = np.histogram(inside, bins=steps, range=(0, lights.cycle_s))
        return counts * steps * 3600 / 1800

    arrivals, departures = _stop_line("after")
    return pictures.plot_flow_profile(
        profile(arrivals),
        profile(departures),
        lights,
        title=f"{ids()[STOP]} eastbound, new offsets",
    )


def trade_off() -> Axes:
    """What a band costs."""
    curve, every = explored()
    return pictures.plot_trade_off(
        curve, running=every.iloc[0].to_dict(), title="Main Street: the narrower of both bands"
    )


def pareto() -> Axes:
    """Delay against stops."""
    every = explored()[1]
    now = every.iloc[0]
    return pictures.plot_pareto(
        every,
        running=(now["delay_s_per_veh"], now["stops_per_veh"]),
        title="Offsets of Main Street, queue model",
    )


def _edge_delay(which: int) -> pd.Series:
    lanes = proof()[which].lanes
    return (lanes.groupby("edge_id")["delay_s"].sum() / 3600).rename("delay")


def network_map() -> Axes:
    """Delay on every link."""
    return pictures.plot_network_map(
        scenario().network, edges=_edge_delay(0), label="delay in half an hour [veh·h]"
    )


def network_difference() -> Axes:
    """What the new plan changes on every link."""
    return pictures.plot_network_difference(
        scenario().network,
        edges=(_edge_delay(0), _edge_delay(1)),
        label="change of delay in half an hour [veh·h]",
    )


def city_map() -> Axes:
    """Degree of saturation of 159 signals."""
    city = so.load(ROOT / "scenarios" / "city")
    report = so.evaluate_hcm(city, city.plan)
    return pictures.plot_network_map(
        city.network, signals=report.junctions["degree_of_saturation"], title="Invented city"
    )


def convergence() -> Axes:
    """What the search found."""
    short = replace(scenario(), end_s=25_800)
    found = so.optimise(short, stop=so.MaxEvaluations(16), seed=1)
    return pictures.plot_convergence(found.history)


def paired_seeds() -> Axes:
    """The proof, seed by seed."""
    return pictures.plot_paired_seeds(*proof())


def queue_over_time() -> Axes:
    """Queues on the lanes of an approach."""
    edge = ways()[0].stop_edges[STOP]
    table = lane_queues(scenario().network, edge, run("before"))
    table = table[table["time_s"].between(26_400, 27_000) & (table["lane"] > 0)]
    return pictures.plot_queue_over_time(
        table,
        storage_m=scenario().network.edges[edge].length_m,
        windows=corridor(scenario().plan).outbound[STOP],
        title=f"{ids()[STOP]} eastbound, running plan",
    )


def delay_distribution() -> Axes:
    """Who waits how long."""
    return pictures.plot_delay_distribution(
        {which: run(which).trips["delay_s"] for which in ("before", "after")}
    )


def turning_flows() -> Axes:
    """The demand of a junction."""
    one = scenario()
    flows = movement_flows(one.demand, one.network, begin_s=one.begin_s, end_s=one.end_s)
    return pictures.plot_turning_flows(one.network, flows, "A2")


def day_plan() -> Axes:
    """A day with its breakpoints."""
    loaded = so.load(ROOT / "scenarios" / "arterial" / "day.toml")
    day = day_flows(loaded.demand, loaded.network)
    return pictures.plot_day_plan(day, so.breakpoints(day).segments, title="Main Street, a day")


PICTURES: dict[str, tuple[Callable[[], Axes], str]] = {
    f.__name__: (f, ending)
    for ending, functions in (
        ("svg", (time_space, stages, rings, signal_groups, flow_profile, trade_off, network_map,
                 network_difference, paired_seeds, delay_distribution, turning_flows,
                 convergence, queue_over_time, time_space_queues, day_plan)),
        ("png", (time_space_vehicles, coordination, pareto, city_map)),
    )
    for f in functions
}  # fmt: skip


def make_small(path: Path) -> None:
    """Fewer pixels and colours: repositories keep every version of a picture."""
    with Image.open(path) as picture:
        height = round(picture.height * SMALL_WIDTH / picture.width)
        small = picture.convert("RGB").resize((SMALL_WIDTH, height), Image.Resampling.LANCZOS)
    # Maximum coverage keeps rare colours, such as the few pixels of yellow.
    small = small.quantize(
        SMALL_COLOURS, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE
    )
    small.save(path, optimize=True)


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(sorted(PICTURES)))
@click.option(
    "--to",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=FOLDER,
    help="Folder of the pictures.",
)
def main(names: tuple[str, ...], folder: Path) -> None:
    """Draw the gallery's pictures."""
    mpl.use("Agg")
    folder.mkdir(parents=True, exist_ok=True)
    for name in names or PICTURES:
        draw, ending = PICTURES[name]
        path = pictures.save(draw(), folder / f"{name}.{ending}")
        if ending == "png":
            make_small(path)
        click.echo(f"{path.name} {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
