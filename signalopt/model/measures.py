"""What plans do to traffic, measured in one run each: what an objective weighs."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Measures:
    """What plans do, by any engine; arrays of one shape, usually (plans, seeds).

    The vehicles are those due to depart in the scenario's window, none left out. What was not
    asked for, or an engine does not know, is NaN.

    Attributes
    ----------
    delay_s_per_veh
        Network delay: time lost on the way and waiting to enter [s].
    stops_per_veh
        Halts.
    person_delay_s_per_person
        Network delay of everyone in a vehicle, by the occupancy of its class [s].
    fuel_g_per_km
        Fuel burnt per kilometre driven [g], vehicles that wait to enter idling. Per kilometre, so
        that a plan which keeps vehicles from driving does not count as thrifty.
    max_queue_share
        Longest queue on a leg of a signal, as a share of the length of the leg.
    side_street_delay_s_per_veh
        Mean delay of who comes from a side street, at the signal where it is highest [s].
    """

    delay_s_per_veh: Floats
    stops_per_veh: Floats
    person_delay_s_per_person: Floats
    fuel_g_per_km: Floats
    max_queue_share: Floats
    side_street_delay_s_per_veh: Floats

    def __post_init__(self) -> None:
        shapes = {getattr(self, f.name).shape for f in fields(self)}
        if len(shapes) > 1:
            raise ValueError(f"measures have the shapes {shapes}; all must have the same")

    @classmethod
    def of(cls, **known: Floats) -> Measures:
        """Measures of which only some are known.

        Examples
        --------
        >>> Measures.of(delay_s_per_veh=np.array([30.0])).stops_per_veh
        array([nan])
        """
        shape = next(iter(known.values())).shape
        return cls(**{name: known.get(name, np.full(shape, np.nan)) for name in NAMES})

    @classmethod
    def stacked(cls, parts: Sequence[Measures]) -> Measures:
        """Measures of several demands, along a new last axis."""
        return cls(**{n: np.stack([getattr(p, n) for p in parts], axis=-1) for n in NAMES})

    @classmethod
    def joined(cls, parts: Sequence[Measures]) -> Measures:
        """Measures of several runs after one another, along the last axis."""
        return cls(**{n: np.concatenate([getattr(p, n) for p in parts], axis=-1) for n in NAMES})

    def taken(self, index: int) -> Measures:
        """Those at a place of the first axis, such as one plan's."""
        return Measures(**{name: getattr(self, name)[index] for name in NAMES})

    def mean(self, axis: int) -> Measures:
        """Means along an axis, such as 1 for the seeds."""
        return Measures(**{name: getattr(self, name).mean(axis=axis) for name in NAMES})


NAMES = tuple(f.name for f in fields(Measures))
"""Names of all measures."""
