"""Roads to coordinate, vehicles that drive along the bands, and Little's programme as published."""

import itertools
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

from signalopt.optimisers.bandwidth import Arterial
from signalopt.theory.bandwidth import is_green
from signalopt.theory.two_way import LEFT_TURN_SEQUENCES, left_turn_windows

KMH = 1 / 3.6
# Five signals of our own, worked out exhaustively.
FIVE = SimpleNamespace(
    distance_m=np.array([300.0, 450, 250, 400]),
    common_red=np.array([0.40, 0.35, 0.45, 0.38, 0.42]),
    left_green=np.array([[0.10, 0.12, 0.08, 0.10, 0.11], [0.09, 0.10, 0.10, 0.12, 0.08]]),
    queue_clearance=np.array([[0, 0.03, 0.02, 0.04, 0.05], [0.02, 0.04, 0.01, 0.03, 0]]),
)


def only(green, names):
    """Greens without the sequences that are not named."""
    kept = [name in names for name in LEFT_TURN_SEQUENCES]
    return np.where(kept, green, np.nan)


def five_signals(cycle_s, speed_kmh, *, sequences=LEFT_TURN_SEQUENCES, **more):
    start, green = left_turn_windows(FIVE.common_red, FIVE.left_green)
    low, high = np.broadcast_to(cycle_s, 2)
    slow, fast = np.broadcast_to(speed_kmh, 2) * KMH
    return Arterial(
        distance_m=FIVE.distance_m,
        start=start,
        green=only(green, sequences),
        min_cycle_s=low,
        max_cycle_s=high,
        min_speed_mps=slow,
        max_speed_mps=fast,
        **more,
    )


def random_road(seed, *, signals=(4, 5), fixed=False, change=(0.002, 0.01, np.inf)):
    """Data of a random road with left turns, as `little` and `as_arterial` take them."""
    rng = np.random.default_rng(seed)
    count = int(rng.choice(signals))
    cycle_s = np.sort(rng.uniform(50, 120, 2))
    chosen = float(rng.choice(change))
    # With limits on changes, ranges of speed that differ from link to link may exclude each other.
    speed_mps = np.sort(rng.uniform(9, 18, (2, count - 1 if chosen == np.inf else 1)), axis=0)
    speed_mps = np.broadcast_to(speed_mps, (2, count - 1)).copy()
    if fixed:
        cycle_s[:] = cycle_s.mean()
        speed_mps[:] = speed_mps.mean()
    return SimpleNamespace(
        distance_m=rng.uniform(100, 700, count - 1),
        common_red=rng.uniform(0.3, 0.5, count),
        left_green=rng.uniform(0.05, 0.15, (2, count)),
        queue_clearance=rng.uniform(0, 0.06, (2, count)) * (rng.random() < 0.5),
        cycle_s=cycle_s,
        min_speed_mps=speed_mps[0],
        max_speed_mps=speed_mps[1],
        change=chosen,
    )


def as_arterial(road):
    start, green = left_turn_windows(road.common_red, road.left_green)
    return Arterial(
        distance_m=road.distance_m,
        start=start,
        green=green,
        min_cycle_s=road.cycle_s[0],
        max_cycle_s=road.cycle_s[1],
        min_speed_mps=road.min_speed_mps,
        max_speed_mps=road.max_speed_mps,
        max_slowness_change_s_per_m=road.change,
        queue_clearance=road.queue_clearance,
    )


def little(road, target_ratio=1.0, *, multiband=False):
    """Best objective by the equations of Little, Kelson and Gartner (1981), in one programme.

    With `multiband`, by those of Gartner et al. (1991): a band per link, objective the mean.
    """
    red = road.common_red + road.left_green[1], road.common_red + road.left_green[0]
    n, k = len(road.common_red), target_ratio
    d, h = road.distance_m, road.change
    l_out, l_in = road.left_green
    tau, tau_in = road.queue_clearance
    bands = n - 1 if multiband else 1
    sizes = {"z": 1, "b": bands, "bi": bands, "w": n, "wi": n}
    sizes |= {"t": n - 1, "ti": n - 1, "m": n - 1, "s": n, "si": n}
    at = dict(zip(sizes, itertools.accumulate(sizes.values(), initial=0), strict=False))
    rows, low, high = [], [], []

    def row(lo, hi, **terms):
        line = np.zeros(sum(sizes.values()))
        for name, pairs in terms.items():
            for index, value in pairs:
                line[at[name] + index] += value
        rows.append(line)
        low.append(lo)
        high.append(hi)

    inf = np.inf
    for j in range(bands):
        row(0, inf, bi=[(j, 1 - k)], b=[(j, -(1 - k) * k)])
        row(0, 0 if k == 1 else inf, bi=[(j, 1)], b=[(j, -1 if k == 1 else 0)])
    for (w, b, r), i in itertools.product((("w", "b", red[0]), ("wi", "bi", red[1])), range(n)):
        for j in {max(i - 1, 0), min(i, n - 2)} if multiband else {0}:
            row(-inf, 1 - r[i], **{w: [(i, 1)], b: [(j, 0.5 if multiband else 1)]})
            row(0, inf, **{w: [(i, 1)], b: [(j, -0.5 if multiband else 0)]})
    for i in range(n - 1):
        # Δ = ½[(2δ−1)l − (2δ̄−1)l̄] at both ends; its constant part goes to the right-hand side.
        delta = [(i, l_out[i]), (i + 1, -l_out[i + 1])], [(i, -l_in[i]), (i + 1, l_in[i + 1])]
        constant = (l_in[i] - l_out[i] - l_in[i + 1] + l_out[i + 1]) / 2
        right = (red[0] + red[1])[i + 1] / 2 - (red[0] + red[1])[i] / 2 + tau_in[i] + tau[i + 1]
        wait = [(i, 1), (i + 1, -1)]
        row(
            right - constant, right - constant, w=wait, wi=wait, t=[(i, 1)], ti=[(i, 1)],
            m=[(i, -1)], s=delta[0], si=delta[1],
        )  # fmt: skip
        for t in ("t", "ti"):
            row(0, inf, **{t: [(i, 1)], "z": [(0, -d[i] / road.max_speed_mps[i])]})
            row(-inf, 0, **{t: [(i, 1)], "z": [(0, -d[i] / road.min_speed_mps[i])]})
            if i < n - 2 and np.isfinite(h):
                change = [(i + 1, d[i] / d[i + 1]), (i, -1)]
                row(-inf, 0, **{t: change, "z": [(0, -d[i] * h)]})
                row(0, inf, **{t: change, "z": [(0, d[i] * h)]})
    columns = sum(sizes.values())
    ceiling = np.full(columns, inf)
    floor = np.zeros(columns)
    floor[0], ceiling[0] = 1 / road.cycle_s[1], 1 / road.cycle_s[0]
    floor[at["m"] : at["s"]] = -inf
    ceiling[at["s"] :] = 1
    weights = np.zeros(columns)
    weights[at["b"] : at["bi"]] = 1 / bands
    weights[at["bi"] : at["w"]] = k / bands
    result = milp(
        -weights,
        constraints=LinearConstraint(np.array(rows), low, high),
        bounds=Bounds(floor, ceiling),
        integrality=np.arange(columns) >= at["m"],
    )
    return -result.fun if result.x is not None else np.nan


def drive(arterial, bands, *, arrive_on_green=False):
    """Drive a vehicle along each edge of the band on each link, both ways; all must meet green."""
    cycle_s = bands.cycle_s
    links = arterial.distance_m.shape[1]
    for way in (0, 1):
        for link in range(links):
            ends = (link, link + 1) if way == 0 else (link + 1, link)
            for edge in (-bands.ahead_ratio, bands.behind_ratio):
                leave_s = (bands.line_ratio[way, ends[0]] + edge[way, link]) * cycle_s
                arrive_s = leave_s + bands.travel_time_s[way, link]
                clear_s = arterial.queue_clearance[way, ends[1]] * cycle_s
                times = [(ends[0], leave_s), (ends[1], arrive_s - clear_s)]
                times += [(ends[1], arrive_s)] if arrive_on_green else []
                for signal, time_s in times:
                    pick = way, signal, bands.pattern[signal]
                    turns_s = bands.offset_s[signal] + arterial.start[pick] * cycle_s
                    # Solvers keep rows to 1e-7 or so: a vehicle may be that much off the edge.
                    lit = [
                        is_green(time_s + off, turns_s, arterial.green[pick] * cycle_s, cycle_s)
                        for off in (-1e-4, 0, 1e-4)
                    ]
                    assert any(lit), (way, link, signal)


@pytest.fixture(scope="session")
def roads():
    """Roads to coordinate, and what to hold their bands against."""
    return SimpleNamespace(
        five=FIVE,
        five_signals=five_signals,
        random=random_road,
        as_arterial=as_arterial,
        little=little,
        drive=drive,
        kmh=KMH,
    )
