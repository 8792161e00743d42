"""Checks of arguments shared by the theory modules: each returns a float array or raises."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray: TypeAlias = NDArray[np.float64]


def unwrap(value: NDArray[Any]) -> FloatArray:
    """Turn a zero-dimensional array into a numpy float, leave other arrays as they are."""
    result: FloatArray = value[()]
    return result


def non_negative(value: ArrayLike, name: str) -> FloatArray:
    """Return `value` as floats, all finite and at least 0."""
    array = np.asarray(value, dtype=np.float64)
    _require(np.isfinite(array) & (array >= 0), array, f"{name} must be a number of at least 0")
    return array


def positive(value: ArrayLike, name: str) -> FloatArray:
    """Return `value` as floats, all finite and greater than 0."""
    array = np.asarray(value, dtype=np.float64)
    _require(np.isfinite(array) & (array > 0), array, f"{name} must be a number greater than 0")
    return array


def within(value: ArrayLike, name: str, low: float, high: float) -> FloatArray:
    """Return `value` as floats, all in [low, high]."""
    array = np.asarray(value, dtype=np.float64)
    _require(
        (array >= low) & (array <= high), array, f"{name} must lie between {low:g} and {high:g}"
    )
    return array


def finite(value: ArrayLike, name: str) -> FloatArray:
    """Return `value` as floats, none of them NaN or infinite."""
    array = np.asarray(value, dtype=np.float64)
    _require(np.isfinite(array), array, f"{name} must be a finite number")
    return array


def whole(value: ArrayLike, name: str) -> FloatArray:
    """Return `value` as floats, all whole numbers of at least 1."""
    array = np.asarray(value, dtype=np.float64)
    ok = np.isfinite(array) & (array >= 1)
    _require(ok & (array == np.floor(array)), array, f"{name} must be a whole number of at least 1")
    return array


def cycle_and_green(
    cycle_s: ArrayLike, effective_green_s: ArrayLike, *, zero_green: bool = False
) -> tuple[FloatArray, FloatArray]:
    """Return cycle and effective green as floats with 0 < green <= cycle."""
    cycle = positive(cycle_s, "cycle_s")
    check = non_negative if zero_green else positive
    green = check(effective_green_s, "effective_green_s")
    not_above(green, cycle, "effective_green_s", "cycle_s")
    return cycle, green


def not_above(value: FloatArray, limit: FloatArray, name: str, limit_name: str) -> None:
    """Raise if any `value` exceeds the `limit` it is broadcast against."""
    _compare(np.greater(value, limit), value, limit, f"{name} must not exceed {limit_name}")


def below(value: FloatArray, limit: FloatArray, name: str, limit_name: str) -> None:
    """Raise if any `value` reaches the `limit` it is broadcast against."""
    _compare(np.greater_equal(value, limit), value, limit, f"{name} must be below {limit_name}")


def _compare(bad: NDArray[np.bool_], value: FloatArray, limit: FloatArray, sentence: str) -> None:
    if np.any(bad):
        shape = np.shape(bad)
        shown = [np.broadcast_to(array, shape)[bad].flat[0] for array in (value, limit)]
        raise ValueError(f"{sentence}, got {shown[0]:g} against {shown[1]:g}.")


def _require(ok: NDArray[np.bool_], array: FloatArray, sentence: str) -> None:
    if not np.all(ok):
        raise ValueError(f"{sentence}, got {array[~np.asarray(ok)].flat[0]:g}.")
