"""The measures of an evaluation's runs: what an objective weighs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signalopt.model.measures import Measures
from signalopt.theory.fuel import IDLE_FUEL_ML_PER_S, PETROL_G_PER_ML

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from signalopt.evaluation.result import Evaluation

QUICKLY_KNOWN = frozenset({"delay_s_per_veh", "stops_per_veh", "person_delay_s_per_person"})
"""Measures that SUMO gives with less detail."""
IDLE_G_PER_S = IDLE_FUEL_ML_PER_S * PETROL_G_PER_ML
"""Fuel of a car that waits to enter, which no engine counts [g/s]."""


def run_measures(evaluation: Evaluation) -> Measures:
    """What each run of an evaluation found, shape (runs,); NaN where the engine does not know."""
    runs = evaluation.runs

    def known(name: str) -> NDArray[np.float64]:
        return runs[name].to_numpy(dtype=float)

    outside_s = known("depart_delay_s_per_veh")
    driven_km = known("speed_mps") * (known("travel_time_s_per_veh") - outside_s) / 1000
    burnt_g = known("fuel_g_per_veh") + IDLE_G_PER_S * outside_s
    return Measures(
        delay_s_per_veh=known("delay_s_per_veh"),
        stops_per_veh=known("stops_per_veh"),
        person_delay_s_per_person=known("person_delay_s_per_person"),
        fuel_g_per_km=burnt_g / driven_km,
        max_queue_share=known("max_queue_share"),
        side_street_delay_s_per_veh=known("side_street_delay_s_per_veh"),
    )
