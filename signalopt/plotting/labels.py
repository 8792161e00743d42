"""Words and units for axes, from the names of columns, and times of day for ticks."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from matplotlib.ticker import FuncFormatter, MultipleLocator

if TYPE_CHECKING:
    from matplotlib.axis import Axis

_UNITS: Final = (
    ("_s_per_person", "s/person"),
    ("_g_per_km", "g/km"),
    ("_s_per_veh", "s/veh"),
    ("_g_per_veh", "g/veh"),
    ("_per_veh", "per veh"),
    ("_vph", "veh/h"),
    ("_mps", "m/s"),
    ("_veh", "veh"),
    ("_m", "m"),
    ("_s", "s"),
    ("_g", "g"),
)
_WORDS: Final = {
    "co2": "CO₂",
    "degree of saturation": "degree of saturation v/c",
    "max queue": "longest queue",
    "max queue share": "longest queue [share of its leg]",
    "side street delay": "worst side streets, delay",
    "objective": "objective [s/veh]",
}
_STEPS_S: Final = (1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400)
_MOST_TICKS: Final = 6


def axis_label(column: str) -> str:
    """The words and the unit that a column's name holds.

    Parameters
    ----------
    column
        A name as the frames have it: a quantity with the suffix of its unit.

    Examples
    --------
    >>> axis_label("delay_s_per_veh"), axis_label("max_queue_m"), axis_label("stops_per_veh")
    ('delay [s/veh]', 'longest queue [m]', 'stops [per veh]')
    """
    for suffix, unit in _UNITS:
        if column.endswith(suffix) and column != suffix:
            return f"{_words(column.removesuffix(suffix))} [{unit}]"
    return _words(column)


def _words(stem: str) -> str:
    words = stem.replace("_", " ")
    return _WORDS.get(words, words)


def unit_of(column: str) -> str:
    """The unit alone, empty for a ratio or a count."""
    return next((unit for suffix, unit in _UNITS if column.endswith(suffix)), "")


def time_axis(axis: Axis, begin_s: float, end_s: float) -> str:
    """Set the ticks of a time axis; from the second hour on they read as times of day.

    Parameters
    ----------
    axis
        The x or y axis of a plot whose data are in seconds.
    begin_s, end_s
        What it shows [s].

    Returns
    -------
    str
        The label that belongs to the ticks.
    """
    step_s = next((s for s in _STEPS_S if (end_s - begin_s) / s <= _MOST_TICKS), _STEPS_S[-1])
    axis.set_major_locator(MultipleLocator(step_s))
    if end_s <= 3600:
        return "time [s]"
    axis.set_major_formatter(FuncFormatter(lambda t, _: clock(t, seconds=step_s % 60 > 0)))
    return "time of day [h:mm:ss]" if step_s % 60 else "time of day [h:mm]"


def clock(time_s: float, *, seconds: bool = False) -> str:
    """A time in seconds since midnight as h:mm or h:mm:ss.

    Examples
    --------
    >>> clock(25230), clock(25230, seconds=True)
    ('7:00', '7:00:30')
    """
    whole_s = math.floor(time_s + 1e-6)
    hours, minutes = whole_s // 3600, whole_s % 3600 // 60
    text = f"{hours}:{minutes:02d}"
    return f"{text}:{whole_s % 60:02d}" if seconds else text
