"""Checks shared by the inputs of the bandwidth programmes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from signalopt.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray

    from signalopt.optimisers.bandwidth.program import FloatArray

ScalarT = TypeVar("ScalarT", bound=np.generic)


def spread_out(value: ArrayLike, shape: tuple[int, ...], name: str) -> FloatArray:
    """Return finite numbers broadcast to a shape, or raise an `InputError` that names them."""
    array = np.asarray(value, dtype=np.float64)
    try:
        full: FloatArray = np.broadcast_to(array, shape)
    except ValueError:
        raise InputError(f"{name} must have the shape {shape}, got {array.shape}.") from None
    if not np.all(np.isfinite(full)):
        raise InputError(f"{name} must be finite numbers.")
    return full


def frozen(value: NDArray[ScalarT]) -> NDArray[ScalarT]:
    """Return a copy that cannot be written to."""
    copy = value.copy()
    copy.setflags(write=False)
    return copy


def check_speeds(arrays: Mapping[str, NDArray[Any]], max_slowness_change_s_per_m: float) -> None:
    """Raise an `InputError` if lengths or speeds of links are out of range."""
    for name in ("distance_m", "min_speed_mps", "max_speed_mps"):
        if not np.all(arrays[name] > 0):
            raise InputError(f"{name} must be above 0, got {arrays[name].min():g}.")
    low, high = arrays["min_speed_mps"], arrays["max_speed_mps"]
    if np.any(low > high):
        raise InputError(
            f"min_speed_mps must not exceed max_speed_mps, got {low[low > high].flat[0]:g} "
            f"against {high[low > high].flat[0]:g}."
        )
    if not max_slowness_change_s_per_m >= 0:
        raise InputError(
            f"max_slowness_change_s_per_m must be at least 0, got {max_slowness_change_s_per_m:g}."
        )


def check_cycle(min_cycle_s: float, max_cycle_s: float) -> None:
    """Raise an `InputError` if a range of cycles cannot be used."""
    if not (np.isfinite(max_cycle_s) and min_cycle_s > 0):
        raise InputError(
            "The cycle must be between positive, finite limits, got "
            f"{min_cycle_s:g} to {max_cycle_s:g} s."
        )
    if min_cycle_s > max_cycle_s:
        raise InputError(
            f"min_cycle_s must not exceed max_cycle_s, got {min_cycle_s:g} against {max_cycle_s:g}."
        )
