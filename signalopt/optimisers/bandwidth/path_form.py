"""The rows of bands on many paths, in absolute time.

For path p at its stop at signal i, with u the departure of the band's front, o the offset, P the
signal's period, and y = 1 if the path gets a band,

    u = o + start + P n + early,      early + b + late = green,      late >= 0,
    early >= -(P - green) (1 - y),    b <= y,    u[next] = u + t + dwell - τ[next],

where n is whole, and start and green are those of the pattern and green that binaries choose.
All times are over the common cycle.

Two things make this as tight as the loop form. The first path through a signal lets its offset
follow with any number of periods, so n = 0 there. And a path without a band keeps a line for which
each green counts as long as the period, which takes no large constants: the rest of the period is
enough.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from signalopt.optimisers.bandwidth.goal import add_ratio
from signalopt.optimisers.bandwidth.layout import Layout, lay_out
from signalopt.optimisers.bandwidth.program import Program
from signalopt.optimisers.bandwidth.second import Lines

if TYPE_CHECKING:
    from signalopt.optimisers.bandwidth.layout import Stop
    from signalopt.optimisers.bandwidth.network import BandNetwork, BandPath
    from signalopt.optimisers.bandwidth.program import FloatArray, IntArray

_ROUNDING: Final = 1e-7


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PathForm:
    """The programme of a network's bands.

    Attributes
    ----------
    network, layout
        What it is about.
    program
        Rows.
    rate
        Reference cycle over cycle, a single column.
    extra
        Travel time beyond the shortest, (links,).
    patterns
        1 for the pattern that a signal runs, one array per signal.
    offset
        Offsets, with any number of periods in them, (signals,).
    kept, band
        y and b, (paths,).
    front
        u, one array per path, (stops,).
    early, late
        Slacks of all stops of all paths, (stops of the first path + ...,).
    """

    network: BandNetwork
    layout: Layout
    program: Program
    rate: IntArray
    extra: IntArray
    patterns: tuple[IntArray, ...]
    offset: IntArray
    kept: IntArray
    band: IntArray
    front: tuple[IntArray, ...]
    early: IntArray
    late: IntArray

    @property
    def objective(self) -> FloatArray:
        """The mean of the widths by their weights."""
        weights = np.array([path.weight for path in self.network.paths])
        return self.program.objective([(self.band, weights / max(weights.sum(), 1e-12))])


def make_path_form(network: BandNetwork, *, strict_clearance: bool = False) -> PathForm:
    """Return the programme of a network's bands.

    With `strict_clearance` the whole band must arrive on green, not only leave on it: the same as
    greens that end earlier by the clearance time.
    """
    program = Program()
    layout = lay_out(network, strict_clearance=strict_clearance)
    rate = program.variables((), low=layout.min_rate, high=layout.max_rate)
    longer = layout.slow - layout.fast
    extra = program.variables(longer.shape, low=0, high=longer * layout.max_rate)
    program.rows([(extra, 1), (rate, -longer)], high=0)
    patterns = tuple(
        program.variables(len(s.start), low=float(len(s.start) == 1), high=1, integer=True)
        for s in network.signals
    )
    for columns in patterns:
        program.rows([], sums=[(columns, 1)], low=1, high=1)
    offset = program.variables(len(network.signals), low=layout.min_offset, high=layout.max_offset)
    kept, band = _add_bands(program, network, layout)
    front, slack = [], []
    for number, (path, stops) in enumerate(zip(network.paths, layout.stops, strict=True)):
        fronts = program.variables(
            len(stops), low=[s.min_front for s in stops], high=[s.max_front for s in stops]
        )
        clearance = np.asarray(path.queue_clearance)[1:]
        dwell = np.asarray(path.dwell_s) / layout.reference_cycle_s
        program.rows(
            [
                (fronts[1:], 1),
                (fronts[:-1], -1),
                (extra[path.links], -1),
                (rate, -layout.fast[path.links] - dwell),
            ],
            low=-clearance,
            high=-clearance,
        )
        _add_slowness_rows(program, network, layout, path, rate, extra)
        front.append(fronts)
        for stop, time in zip(stops, fronts, strict=True):
            choice = _add_choice(program, stop, patterns[stop.signal])
            if stop.missing.any():
                none = choice[stop.missing > 0]
                program.rows([(kept[number], 1)], sums=[(none, 1)], high=1)
            turns = _add_turns(program, layout, stop)
            where = time, offset[stop.signal], turns, choice
            slack.append(_add_slack(program, stop, where, kept[number], band[number]))
    early, late = np.array(slack).T
    return PathForm(
        network=network,
        layout=layout,
        program=program,
        rate=rate,
        extra=extra,
        patterns=patterns,
        offset=offset,
        kept=kept,
        band=band,
        front=tuple(front),
        early=early,
        late=late,
    )


def path_lines(form: PathForm) -> Lines:
    """Add the distances between bands and ends of greens; 0 for paths without a band."""
    program, layout = form.program, form.layout
    stops = [stop for path in layout.stops for stop in path]
    period = np.array([stop.period for stop in stops])
    kept = np.repeat(form.kept, [len(path) for path in layout.stops])
    early, late = (program.variables(len(stops), low=0, high=period) for _ in range(2))
    for distance, slack in ((early, form.early), (late, form.late)):
        program.rows([(distance, 1), (slack, -1), (kept, period)], high=period)
        program.rows([(distance, 1), (kept, -period)], high=0)
    return Lines(
        early=early,
        late=late,
        offset=form.offset,
        min_offset=layout.min_offset,
        max_offset=layout.max_offset,
        period=np.array([signal.period for signal in form.network.signals]),
        rate=form.rate,
        reference_cycle_s=layout.reference_cycle_s,
    )


def _add_bands(program: Program, network: BandNetwork, layout: Layout) -> tuple[IntArray, IntArray]:
    """Add whether each path gets a band, and how wide it is."""
    paths = network.paths
    kept = program.variables(len(paths), low=[p.required for p in paths], high=1, integer=True)
    widest = np.array([min(stop.green.max() for stop in stops) for stops in layout.stops])
    band = program.variables(len(paths), low=0, high=widest)
    program.rows([(band, 1), (kept, -widest)], high=0)
    program.rows([(band, 1), (kept, [-p.min_bandwidth for p in paths])], low=0)
    for one, other, ratio in network.proportions:
        add_ratio(program, [band[[one, other]]], np.asarray(ratio))
    return kept, band


def _add_choice(program: Program, stop: Stop, patterns: IntArray) -> IntArray:
    """Return columns that are 1 for the green that the path uses."""
    counts = np.bincount(stop.pattern, minlength=len(patterns))
    if np.all(counts == 1):
        return patterns
    choice = program.variables(len(stop.pattern), low=0, high=1, integer=True)
    for pattern, column in enumerate(patterns):
        program.rows([(column, -1)], sums=[(choice[stop.pattern == pattern], 1)], low=0, high=0)
    return choice


def _add_turns(program: Program, layout: Layout, stop: Stop) -> IntArray:
    """Add the whole number of periods between a signal's offset and a path's front."""
    if stop.follows:
        return program.variables((), low=0, high=0, integer=True)
    least = stop.min_front - layout.max_offset[stop.signal] - (stop.start + stop.green).max()
    most = stop.max_front - layout.min_offset[stop.signal] - stop.start.min() + stop.rest
    return program.variables(
        (),
        low=np.ceil(least / stop.period - _ROUNDING),
        high=np.floor(most / stop.period + _ROUNDING),
        integer=True,
    )


def _add_slack(
    program: Program,
    stop: Stop,
    where: tuple[IntArray, IntArray, IntArray, IntArray],
    kept: IntArray,
    band: IntArray,
) -> tuple[IntArray, IntArray]:
    """Add the times from the start of the green to the band and from the band to its end."""
    front, offset, turns, choice = where
    longest = stop.green.max()
    early = program.variables((), low=-stop.rest, high=longest)
    late = program.variables((), low=0, high=longest + stop.rest)
    program.rows(
        [(front, 1), (offset, -1), (turns, -stop.period), (early, -1)],
        sums=[(choice, -stop.start)],
        low=0,
        high=0,
    )
    program.rows([(early, 1), (band, 1), (late, 1)], sums=[(choice, -stop.green)], low=0, high=0)
    program.rows([(early, 1), (kept, -stop.rest)], low=-stop.rest)
    return early, late


def _add_slowness_rows(
    program: Program,
    network: BandNetwork,
    layout: Layout,
    path: BandPath,
    rate: IntArray,
    extra: IntArray,
) -> None:
    limit = network.max_slowness_change_s_per_m / layout.reference_cycle_s
    if not np.isfinite(limit):
        return
    here, there = path.links[:-1], path.links[1:]
    d = network.distance_m
    scale = np.sqrt(d[here] * d[there])  # keeps the coefficients near 1
    fast = scale * (layout.fast[there] / d[there] - layout.fast[here] / d[here])
    change = [(extra[there], scale / d[there]), (extra[here], -scale / d[here])]
    program.rows([*change, (rate, fast - scale * limit)], high=0)
    program.rows([*change, (rate, fast + scale * limit)], low=0)
