"""Bands on many paths, against exhaustive search, the loop form and vehicles that drive."""

import itertools
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signalopt.errors import InputError
from signalopt.optimisers import bandwidth
from signalopt.optimisers.bandwidth import (
    BandNetwork,
    BandPath,
    BandSignal,
    LeastChange,
    MostSlack,
    Status,
    network_of,
)
from signalopt.theory.bandwidth import is_green, widest_band

# Machines differ, results must not.
maxband = partial(bandwidth.maxband, time_limit_s=900)
path_bands = partial(bandwidth.path_bands, time_limit_s=900)
seeds = st.integers(0, 2**32 - 1)
few = settings(max_examples=8, deadline=None)


def drive(network, bands, *, arrive_on_green=False):
    """Drive a vehicle along each edge of each band; all must meet a green of their movement."""
    cycle_s = bands.cycle_s
    for path, kept, width_s, front in zip(
        network.paths, bands.kept, bands.bandwidth_s, bands.front_ratio, strict=True
    ):
        if not kept:
            assert width_s == pytest.approx(0, abs=1e-6)
            continue
        clear_s = np.broadcast_to(path.queue_clearance, path.signals.shape) * cycle_s
        dwell_s = np.broadcast_to(path.dwell_s, path.links.shape)
        for edge_s in (0.0, width_s):
            leave_s = front[0] * cycle_s + edge_s
            for stop, (signal, movement) in enumerate(
                zip(path.signals, path.movements, strict=True)
            ):
                times = [leave_s]
                if stop:
                    arrive_s = leave_s + bands.travel_time_s[path.links[stop - 1]]
                    arrive_s += dwell_s[stop - 1]
                    leave_s = arrive_s - clear_s[stop]
                    times = [leave_s, arrive_s] if arrive_on_green else [leave_s]
                pick = bands.pattern[signal], movement
                start_s = bands.offset_s[signal] + network.signals[signal].start[pick] * cycle_s
                green_s = network.signals[signal].green[pick] * cycle_s
                period_s = network.signals[signal].period * cycle_s
                known = np.isfinite(green_s)
                for time_s in times:
                    # Solvers keep rows to 1e-7 or so.
                    near = time_s + np.array([-1e-4, 0, 1e-4])[:, None]
                    assert is_green(near, start_s[known], green_s[known], period_s).any()


def random_network(seed, *, signals=3, patterns=2, greens=1, periods=(1.0,), paths=3):
    """Whole twentieths of a cycle of 80 s, and travel times in twentieths too."""
    rng = np.random.default_rng(seed)
    shape = (patterns, 2, greens)
    made = []
    for _ in range(signals):
        period = float(rng.choice(periods))
        units = int(20 * period)
        made.append(
            BandSignal(
                start=rng.integers(0, units, shape) / 20,
                green=rng.integers(units // 4, units // 2 + 1, shape) / 20,
                period=period,
            )
        )
    ways = [
        BandPath(
            signals=order,
            movements=rng.integers(0, 2, len(order)),
            links=rng.integers(0, 4, len(order) - 1),
            dwell_s=rng.choice([0.0, 12.0], len(order) - 1),
            weight=float(rng.integers(1, 4)),
        )
        for order in (
            rng.permutation(signals)[: rng.integers(2, signals + 1)] for _ in range(paths)
        )
    ]
    return BandNetwork(
        signals=tuple(made),
        paths=tuple(ways),
        distance_m=rng.integers(4, 30, 4) * 40.0,
        min_speed_mps=10,
        max_speed_mps=10,
        min_cycle_s=80,
        max_cycle_s=80,
    )


def best_by_trying(network, step=0.025):
    """Try all patterns and all offsets on a grid; widths by `widest_band`."""
    weights = np.array([p.weight for p in network.paths])
    periods = np.array([s.period for s in network.signals])
    grids = [np.arange(0, p, step) for p in periods[1:]]
    best = 0.0
    for pattern in itertools.product(*(range(len(s.start)) for s in network.signals)):
        for offsets in itertools.product(*grids):
            offset = np.array([0.0, *offsets])
            widths = [
                widest_band(
                    [
                        network.signals[i].start[pattern[i], m] + offset[i]
                        for i, m in zip(path.signals, path.movements, strict=True)
                    ],
                    [
                        network.signals[i].green[pattern[i], m]
                        for i, m in zip(path.signals, path.movements, strict=True)
                    ],
                    cycle_s=periods[path.signals],
                    travel_time_s=(network.distance_m[path.links] / 10 + path.dwell_s) / 80,
                ).width_s
                for path in network.paths
            ]
            best = max(best, float(weights @ widths / weights.sum()))
    return best


@settings(max_examples=3, deadline=None)
@given(seeds)
def test_agrees_with_trying_all_plans(seed):
    """Times are multiples of 1/20, so best offsets are among those of 1/20 or halfway between."""
    network = random_network(seed, signals=3, patterns=1)
    bands = path_bands(network, gap=1e-6)
    assert bands.objective == pytest.approx(best_by_trying(network), abs=1e-4)
    drive(network, bands)


@settings(max_examples=3, deadline=None)
@given(seeds)
def test_agrees_with_trying_all_patterns_and_half_cycles(seed):
    network = random_network(seed, signals=2, patterns=2, greens=2, periods=(0.5, 1.0))
    bands = path_bands(network, gap=1e-6)
    assert bands.objective == pytest.approx(best_by_trying(network), abs=1e-4)
    drive(network, bands)


@few
@given(seeds, st.sampled_from([1.0, 0.6, 1.5]), st.booleans())
def test_absolute_form_is_the_loop_form(roads, seed, ratio, strict):
    arterial = roads.as_arterial(roads.random(seed))
    loop = maxband(arterial, target_ratio=ratio, strict_clearance=strict)
    network = network_of(arterial, target_ratio=ratio)
    bands = path_bands(network, strict_clearance=strict, gap=1e-6)
    assert bands.status is loop.status
    if bands.status.has_solution:
        assert bands.objective * (1 + ratio) == pytest.approx(loop.objective, abs=1e-4)
        drive(network, bands, arrive_on_green=strict)


@few
@given(seeds)
def test_a_half_cycle_is_a_cycle_with_every_green_twice(seed):
    network = random_network(seed, periods=(0.5, 1.0), patterns=1)
    twice = replace(
        network,
        signals=tuple(
            signal
            if signal.period == 1
            else BandSignal(
                start=np.concatenate([signal.start, signal.start + 0.5], axis=2),
                green=np.concatenate([signal.green, signal.green], axis=2),
            )
            for signal in network.signals
        ),
    )
    if not any(signal.period == 1 for signal in twice.signals):
        return
    half, full = path_bands(network), path_bands(twice)
    assert half.objective == pytest.approx(full.objective, abs=2e-4)
    drive(network, half)
    drive(twice, full)


def road(count, **more):
    """Signals with half the cycle green, 400 m apart, and a path along them at 10 m/s."""
    signal = BandSignal(start=np.zeros((1, 1, 1)), green=np.full((1, 1, 1), 0.5))
    path = BandPath(
        signals=np.arange(count), movements=np.zeros(count, int), links=np.arange(count - 1)
    )
    options = {
        "signals": (signal,) * count,
        "paths": (path,),
        "distance_m": np.full(count - 1, 400.0),
        "min_speed_mps": 10,
        "max_speed_mps": 10,
        "min_cycle_s": 80,
        "max_cycle_s": 80,
    }
    return BandNetwork(**(options | more))


def test_a_double_cycle_lets_the_band_pass_every_other_time():
    plain = road(3)
    signals = list(plain.signals)
    signals[1] = BandSignal(start=np.zeros((1, 1, 1)), green=np.full((1, 1, 1), 0.6), period=2)
    network = replace(plain, signals=tuple(signals))
    bands = path_bands(network)
    assert bands.bandwidth_ratio == pytest.approx(0.5, abs=1e-6)
    assert 0 <= bands.offset_ratio[1] < 2
    drive(network, bands)


def test_a_bus_gets_its_own_band_after_its_stop():
    """Cars one way, buses that dwell 20 s on the second link: both get all the green."""
    plain = road(3)
    bus = replace(plain.paths[0], dwell_s=[0.0, 20.0], weight=40.0)
    both = replace(plain, paths=(*plain.paths, bus), min_cycle_s=60, max_cycle_s=120)
    bands = path_bands(both)
    drive(both, bands)
    # The dwell shifts the bus a share 20 s / C of the cycle against the cars at the last signal.
    lost = 20 / bands.cycle_s
    assert bands.bandwidth_ratio.sum() == pytest.approx(1 - lost, abs=1e-4)
    assert bands.bandwidth_ratio[1] == pytest.approx(0.5, abs=1e-4)
    assert bands.cycle_s == pytest.approx(120)


def test_bicycles_ride_at_their_own_speed():
    """A cycle as long as bicycles take more than cars suits both."""
    cars = road(3, min_cycle_s=45, max_cycle_s=120)
    bicycles = replace(cars.paths[0], links=np.array([2, 3]))
    both = replace(
        cars,
        paths=(*cars.paths, bicycles),
        distance_m=np.full(4, 400.0),
        min_speed_mps=np.array([10, 10, 5.0, 5]),
        max_speed_mps=np.array([14, 14, 5.0, 5]),
    )
    bands = path_bands(both)
    assert bands.bandwidth_ratio == pytest.approx(0.5, abs=1e-4)
    assert bands.speed_mps[2:] == pytest.approx(5)
    assert bands.travel_time_s[2] - bands.travel_time_s[0] == pytest.approx(bands.cycle_s)
    drive(both, bands)


def test_crossing_roads_close_to_a_loop():
    """A block of four signals: two roads each way and a path that turns at each corner."""
    rng = np.random.default_rng(3)
    start = np.zeros((2, 3, 1))
    start[:, 1] = 0.5  # the cross road
    start[0, 2], start[1, 2] = 0.0, 0.9  # a turn, leading or lagging
    green = np.broadcast_to(np.array([0.42, 0.42, 0.1])[None, :, None], (2, 3, 1))
    ways = [((0, 1), 0), ((1, 3), 1), ((3, 2), 0), ((2, 0), 1), ((0, 2), 1), ((1, 0), 0)]
    paths = [
        BandPath(signals=pair, movements=[movement] * 2, links=[k])
        for k, (pair, movement) in enumerate(ways)
    ]
    paths.append(BandPath(signals=[0, 1, 3, 2], movements=[0, 2, 2, 1], links=[0, 1, 2]))
    network = BandNetwork(
        signals=tuple(BandSignal(start=start, green=green) for _ in range(4)),
        paths=tuple(paths),
        distance_m=rng.uniform(150, 400, 6),
        min_speed_mps=11,
        max_speed_mps=14,
        min_cycle_s=60,
        max_cycle_s=90,
    )
    bands = path_bands(network)
    assert bands.status is Status.OPTIMAL
    assert bands.kept.sum() >= 6
    drive(network, bands)


def opposed():
    """Two paths over two signals that cannot both have a band: their greens never meet."""
    start = np.zeros((1, 2, 1))
    start[0, 1, 0] = 0.5
    signals = (
        BandSignal(start=start, green=np.full((1, 2, 1), 0.2)),
        BandSignal(start=np.zeros((1, 2, 1)), green=np.full((1, 2, 1), 0.2)),
    )
    paths = tuple(
        BandPath(signals=[0, 1], movements=[m, m], links=[0], weight=w)
        for m, w in ((0, 1.0), (1, 3.0))
    )
    return replace(road(2), signals=signals, paths=paths)


def test_a_path_is_given_up_for_a_heavier_one_unless_required():
    network = opposed()
    bands = path_bands(network)
    assert bands.kept.tolist() == [False, True]
    assert bands.bandwidth_ratio == pytest.approx([0, 0.2])
    drive(network, bands)
    first = replace(network.paths[0], required=True)
    bands = path_bands(replace(network, paths=(first, network.paths[1])))
    assert bands.kept.tolist() == [True, False]
    both = tuple(replace(path, required=True) for path in network.paths)
    assert path_bands(replace(network, paths=both)).status is Status.INFEASIBLE


def test_a_narrow_band_is_none():
    network = road(2)
    path = replace(network.paths[0], min_bandwidth=0.6)
    bands = path_bands(replace(network, paths=(path,)))
    assert bands.kept.tolist() == [False]


def test_fixed_offsets_stay():
    plain = road(3)
    signals = list(plain.signals)
    signals[0] = replace(signals[0], fixed_offset=0.3)
    signals[2] = replace(signals[2], fixed_offset=0.55)
    network = replace(plain, signals=tuple(signals))
    bands = path_bands(network)
    assert bands.offset_ratio[[0, 2]] == pytest.approx([0.3, 0.55])
    assert bands.bandwidth_ratio == pytest.approx(0.25, abs=1e-5)
    drive(network, bands)


def test_a_pattern_without_green_for_a_path_is_not_chosen_for_it():
    start = np.zeros((2, 1, 1))
    green = np.array([[[np.nan]], [[0.3]]])
    network = replace(road(2), signals=(BandSignal(start=start, green=green), road(2).signals[1]))
    bands = path_bands(network)
    assert bands.pattern[0] == 1
    assert bands.bandwidth_ratio == pytest.approx(0.3)
    drive(network, bands)


def test_changes_of_speed_are_limited():
    plain = road(4, min_speed_mps=8, max_speed_mps=16, max_slowness_change_s_per_m=0.003)
    signals = tuple(
        replace(signal, fixed_offset=o)
        for signal, o in zip(plain.signals, (0, 0.6, 0.0, 0.7), strict=True)
    )
    network = replace(plain, signals=signals)
    bands = path_bands(network)
    assert np.abs(np.diff(1 / bands.speed_mps)).max() <= 0.003 + 1e-7
    free = path_bands(replace(network, max_slowness_change_s_per_m=np.inf))
    assert free.objective > bands.objective + 0.01
    drive(network, bands)


def test_a_known_objective_changes_nothing_but_the_search():
    network = random_network(4)
    best = path_bands(network)
    assert path_bands(network, known=best.objective - 1e-6).objective == pytest.approx(
        best.objective, abs=1e-4
    )
    assert path_bands(network, known=1.0).status is Status.INFEASIBLE


@pytest.mark.parametrize("periods", [(1.0,), (0.5, 1.0)])
def test_second_objectives_keep_the_bands(periods):
    network = random_network(11, periods=periods)
    best = path_bands(network)
    wide = path_bands(network, second=MostSlack())
    assert wide.second_status is Status.OPTIMAL
    assert wide.objective >= best.objective - 2e-4
    drive(network, wide)
    today_s = wide.offset_s
    near = path_bands(network, second=LeastChange(offset_s=today_s))
    assert near.second_objective == pytest.approx(0, abs=1e-4)
    drive(network, near)


def test_repr_says_how_many_paths_got_a_band():
    assert "1 of 2 paths" in repr(path_bands(opposed()))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: BandSignal(start=[0], green=[1]), r"shape \(patterns, movements, greens\)"),
        (
            lambda: BandSignal(start=np.zeros((1, 1, 1)), green=np.full((1, 1, 1), 40.0)),
            "between 0 and its period of 1, got 40",
        ),
        (
            lambda: BandSignal(start=np.zeros((1, 1, 1)), green=np.ones((1, 1, 1)), period=0),
            "period of a signal must be above 0",
        ),
        (lambda: BandPath(signals=[], movements=[], links=[]), "at least one signal"),
        (lambda: BandPath(signals=[0, 1], movements=[0], links=[0]), "needs 2 movements"),
        (lambda: BandPath(signals=[0, 1], movements=[0, 0], links=[]), "needs 1 links"),
        (lambda: replace(road(2).paths[0], dwell_s=-1), "dwell_s must not be negative"),
        (lambda: replace(road(2).paths[0], weight=-1), "weight must be at least 0"),
        (lambda: road(2, paths=()), "at least one path"),
        (lambda: road(2, distance_m=0), "distance_m must be above 0"),
        (lambda: road(3, signals=road(2).signals), "passes a signal that is not among the 2"),
        (lambda: road(3, distance_m=[100.0]), "uses a link that is not among the 1"),
        (
            lambda: road(2, paths=(replace(road(2).paths[0], movements=np.array([0, 1])),)),
            "a movement that signal 1 does not have",
        ),
        (
            lambda: road(
                2,
                signals=(
                    road(2).signals[0],
                    BandSignal(start=np.zeros((1, 1, 1)), green=np.full((1, 1, 1), np.nan)),
                ),
            ),
            "signal 1 never lets go",
        ),
        (
            lambda: road(2, signals=(road(2).signals[0], replace(road(2).signals[0], period=0.75))),
            "longest period must be a multiple of each, got 1 and 0.75 at signal 1",
        ),
        (lambda: road(2, proportions=((0, 1, 1.0),)), "A proportion needs two paths"),
        (lambda: path_bands(road(2), time_limit_s=-1), "time_limit_s must be above 0"),
    ],
)
def test_bad_input_is_named(make, message):
    with pytest.raises(InputError, match=message):
        make()
