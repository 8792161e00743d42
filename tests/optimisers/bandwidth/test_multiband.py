"""A band for each link, against exhaustive results and Gartner's equations written out."""

from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signalopt.errors import InputError
from signalopt.optimisers import bandwidth
from signalopt.optimisers.bandwidth import Status
from signalopt.theory.band_worth import link_weights

# Machines differ, results must not.
maxband = partial(bandwidth.maxband, time_limit_s=900)
multiband = partial(bandwidth.multiband, time_limit_s=900)
seeds = st.integers(0, 2**32 - 1)
few = settings(max_examples=6, deadline=None)


@pytest.mark.parametrize(
    ("cycle_s", "sequences", "mean_width"),
    [
        (80, ["both_lead"], 0.205),
        (90, ["both_lead"], 0.25),
        (80, None, 0.305),
        (90, None, 0.3475),
    ],
)
def test_five_signals(roads, cycle_s, sequences, mean_width):
    options = {} if sequences is None else {"sequences": sequences}
    arterial = roads.five_signals(cycle_s, 50, **options)
    bands = multiband(arterial)
    assert bands.status is Status.OPTIMAL
    assert bands.bandwidth_ratio[0] == pytest.approx(bands.bandwidth_ratio[1], abs=1e-6)
    assert bands.bandwidth_ratio.mean() == pytest.approx(mean_width, abs=1e-4)
    roads.drive(arterial, bands)


@few
@given(seeds, st.sampled_from([1.0, 0.6, 1.5]))
def test_agrees_with_the_published_equations(roads, seed, ratio):
    road = roads.random(seed)
    arterial = roads.as_arterial(road)
    bands = multiband(arterial, weights=[[1], [ratio]], target_ratio=ratio)
    assert bands.objective == pytest.approx(roads.little(road, ratio, multiband=True), abs=1e-4)
    assert bands.objective <= bands.bound
    roads.drive(arterial, bands)


@few
@given(seeds)
def test_more_freedom_never_makes_bands_narrower(roads, seed):
    road = roads.random(seed, signals=(3, 4))
    arterial = roads.as_arterial(road)
    one = maxband(arterial, target_ratio=None).objective
    each = multiband(arterial, target_ratio=None)
    uneven = multiband(arterial, target_ratio=None, asymmetric=True)
    assert one <= each.objective + 1e-4
    assert each.objective <= uneven.objective + 1e-4
    roads.drive(arterial, uneven)
    # No link can do better than as a road of its own.
    alone = [
        maxband(arterial.part(k, k + 1), target_ratio=None).objective
        for k in range(arterial.signals - 1)
    ]
    assert uneven.objective <= np.mean(alone) + 1e-4


@few
@given(seeds)
def test_a_single_link_has_one_uneven_band_the_widest(roads, seed):
    road = roads.random(seed, signals=(2,), change=(np.inf,))
    arterial = roads.as_arterial(road)
    uneven = multiband(arterial, asymmetric=True)
    assert uneven.objective == pytest.approx(maxband(arterial).objective, abs=1e-4)


def test_a_busy_link_gets_a_wider_band(roads):
    arterial = roads.five_signals(80, 50)
    flow = np.full((2, 4), 300.0)
    flow[:, 2] = 1500
    weights = link_weights(flow, saturation_flow_vph=3600, power=4)
    busy = multiband(arterial, weights=weights)
    even = multiband(arterial)
    assert busy.bandwidth_ratio[0, 2] > even.bandwidth_ratio[0, 2] + 0.01
    roads.drive(arterial, busy)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"weights": np.ones((2, 3))}, r"weights must have the shape \(2, 4\)"),
        ({"weights": -1}, "weights must be numbers of at least 0, got -1"),
        ({"target_ratio": -1}, "target_ratio must be .* at least 0, got -1"),
    ],
)
def test_bad_options_are_named(roads, options, message):
    with pytest.raises(InputError, match=message):
        multiband(roads.five_signals(80, 50), **options)
