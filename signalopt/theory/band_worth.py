"""What bands of green are worth: efficiency, attainability, capacity, weights of links."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from signalopt.theory._checks import FloatArray, non_negative, not_above, positive, unwrap

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

_ROUNDING_S = 1e-9


def bandwidth_efficiency(bandwidths_s: ArrayLike, *, cycle_s: ArrayLike) -> FloatArray:
    """Return the share of the cycle that lies in the bands, the mean of the directions.

    Two-way: E = (b + b̄) / (2 C).

    Parameters
    ----------
    bandwidths_s
        Bandwidth of each direction, shape (..., directions) [s].
    cycle_s
        The cycle [s].

    Raises
    ------
    ValueError
        If a bandwidth is negative, or the cycle is not positive or shorter than a bandwidth.

    References
    ----------
    Messer, C. J., Whitson, R. H., Dudek, C. L. and Romano, E. J. (1973). A variable-sequence
    multiphase progression optimization program. Highway Research Record 445.

    Examples
    --------
    >>> round(float(bandwidth_efficiency([17.0], cycle_s=60.0)), 3)
    0.283
    """
    widths = np.atleast_1d(non_negative(bandwidths_s, "bandwidths_s"))
    cycle = positive(cycle_s, "cycle_s")
    not_above(widths, cycle[..., None], "bandwidths_s", "cycle_s")
    return unwrap(np.asarray(widths.mean(axis=-1) / cycle))


def bandwidth_attainability(bandwidths_s: ArrayLike, *, min_greens_s: ArrayLike) -> FloatArray:
    """Return the share of the shortest greens that the bands use, 1 if they use all of it.

    Two-way: A = (b + b̄) / (g + ḡ) with the shortest green of each direction. No band is wider
    than the shortest green that it passes, so it is at most 1.

    Parameters
    ----------
    bandwidths_s
        Bandwidth of each direction, shape (..., directions) [s].
    min_greens_s
        Shortest green of each direction, of the same shape [s].

    Raises
    ------
    ValueError
        If a bandwidth is negative or wider than its shortest green, or a green is not positive.

    References
    ----------
    Messer, C. J., Whitson, R. H., Dudek, C. L. and Romano, E. J. (1973). A variable-sequence
    multiphase progression optimization program. Highway Research Record 445.

    Examples
    --------
    >>> float(bandwidth_attainability([20.0, 10.0], min_greens_s=[25.0, 25.0]))
    0.6
    """
    widths = np.atleast_1d(non_negative(bandwidths_s, "bandwidths_s"))
    greens = np.atleast_1d(positive(min_greens_s, "min_greens_s"))
    not_above(widths, greens + _ROUNDING_S, "bandwidths_s", "min_greens_s")
    share = widths.sum(axis=-1) / greens.sum(axis=-1)
    return unwrap(np.asarray(np.minimum(share, 1.0)))


def band_capacity(
    bandwidth_s: ArrayLike, *, cycle_s: ArrayLike, headway_s: ArrayLike = 2.0
) -> FloatArray:
    """Return the flow that fits into a band [veh/h per lane].

    Parameters
    ----------
    bandwidth_s, cycle_s
        Bandwidth and cycle [s].
    headway_s
        Time between vehicles of a platoon [s].

    Raises
    ------
    ValueError
        If a bandwidth is negative or another argument is not positive.

    Examples
    --------
    >>> float(band_capacity(17, cycle_s=60))
    510.0
    """
    per_cycle = non_negative(bandwidth_s, "bandwidth_s") / positive(headway_s, "headway_s")
    flow: FloatArray = 3600 / positive(cycle_s, "cycle_s") * per_cycle
    return flow


def link_weights(
    flow_vph: ArrayLike, *, saturation_flow_vph: ArrayLike, power: float = 1.0
) -> FloatArray:
    """Return the weights of bands on links with different traffic.

    Parameters
    ----------
    flow_vph, saturation_flow_vph
        Flow along a link and what its approach discharges at green [veh/h].
    power
        How much a link's traffic counts: 0 makes all links equal; 1, 2 and 4 were published.

    Raises
    ------
    ValueError
        If a flow or the power is negative or a saturation flow is not positive.

    References
    ----------
    Gartner, N. H., Assmann, S. F., Lasaga, F. and Hou, D. L. (1991). A multi-band approach to
    arterial traffic signal optimization. Transportation Research Part B 25(1), 55-74.

    Examples
    --------
    >>> link_weights([900, 450], saturation_flow_vph=1800, power=2)
    array([0.25  , 0.0625])
    """
    ratio = non_negative(flow_vph, "flow_vph") / positive(
        saturation_flow_vph, "saturation_flow_vph"
    )
    weights: FloatArray = ratio ** non_negative(power, "power")
    return weights
