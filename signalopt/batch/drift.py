"""Whether a plan still suits the street: the range of flows and delay that it was made for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from signalopt.theory.counts import geh_statistic

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from signalopt.batch.job_toml import ThresholdsTable


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """A signal whose flows left the range.

    Attributes
    ----------
    signal_id
        The signal.
    movement
        Its movement with the greatest difference, as ``"FROM_EDGE>TO_EDGE"``.
    then_vph, now_vph
        Its flow when the plan was made, and now [veh/h].
    share
        Share of the signal's traffic on movements that exceed the greatest GEH statistic.
    """

    signal_id: str
    movement: str
    then_vph: float
    now_vph: float
    share: float

    def __str__(self) -> str:
        return (
            f"flows at {self.signal_id} left their range ({self.share:.0%} of its traffic; "
            f"{self.movement} from {self.then_vph:.0f} to {self.now_vph:.0f} veh/h)"
        )


def flow_drift(
    then: Mapping[str, float],
    now: Mapping[str, float],
    movements: Mapping[str, Sequence[str]],
    thresholds: ThresholdsTable,
) -> Drift | None:
    """The first signal whose flows left the range that its plan was made for.

    A movement is out of range if its GEH statistic exceeds ``max_geh``; a signal, if more than
    the share ``max_share_beyond`` of its traffic, then or now, is on such movements. Guidance
    counts movements; here they weigh by their traffic, since most turns carry little of it.

    Parameters
    ----------
    then, now
        Flows by movement [veh/h]. A movement missing in `then` had none; movements missing in
        `now` were not counted and say nothing.
    movements
        Movements of every signal.
    thresholds
        The range.
    """
    for signal_id, names in movements.items():
        known = [name for name in names if name in now]
        if not known:
            continue
        old = np.array([then.get(name, 0.0) for name in known])
        new = np.array([now[name] for name in known])
        geh, traffic = geh_statistic(old, new), np.maximum(old, new)
        if not traffic.any():
            continue
        share = float(traffic[geh > thresholds.max_geh].sum() / traffic.sum())
        if share > thresholds.max_share_beyond:
            worst = int(geh.argmax())
            return Drift(
                signal_id=signal_id,
                movement=known[worst],
                then_vph=float(old[worst]),
                now_vph=float(new[worst]),
                share=share,
            )
    return None


def delay_drift(expected_s: float, measured_s: float, thresholds: ThresholdsTable) -> str:
    """Why measured delay left the range that was predicted; empty if it did not.

    Parameters
    ----------
    expected_s, measured_s
        Predicted and measured delay [s per vehicle].
    thresholds
        The range.
    """
    if measured_s <= expected_s * (1 + thresholds.max_delay_growth):
        return ""
    return (
        f"measured delay left its range ({measured_s:.1f} s per vehicle where {expected_s:.1f} "
        "were predicted)"
    )
