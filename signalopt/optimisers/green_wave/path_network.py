"""From paths through signals, and the plans that these may run, to the programme of many paths."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from signalopt.errors import InputError
from signalopt.optimisers.bandwidth import BandNetwork, BandPath, BandSignal
from signalopt.optimisers.green_wave.options import Green, contains, greens_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from signalopt.corridors.wave_paths import WavePath
    from signalopt.model.plan import SignalPlan

_Movements = dict[tuple[int, ...], int]
_Link = tuple[tuple[str, ...], float, float, float]


def make_path_network(
    paths: Sequence[WavePath],
    plans: Mapping[str, Sequence[SignalPlan]],
    *,
    cycle_s: float,
    fixed_offsets_s: Mapping[str, float],
    least_band_s: float,
    max_slowness_change_s_per_m: float,
) -> tuple[BandNetwork, list[NDArray[np.intp]]]:
    """Paths as a network with a fixed cycle; and, by signal, which plan each pattern stands for.

    Parameters
    ----------
    paths
        The paths. Those that drive the same way at the same speeds share its speed.
    plans
        By signal, the plans that it may run, all with one cycle and their first stage at time
        zero. A cycle of half or twice `cycle_s` makes the signal one of half or double cycle.
    cycle_s
        The common cycle [s].
    fixed_offsets_s
        Offsets that are not to be decided, by signal [s].
    least_band_s
        Least width of a path's band, if it gets one [s].
    max_slowness_change_s_per_m
        Largest change of 1 / speed from one way of a path to the next.

    Raises
    ------
    InputError
        If a path is never let go at a signal.
    """
    signal_ids = list(plans)
    at = {signal_id: k for k, signal_id in enumerate(signal_ids)}
    movements: dict[str, _Movements] = {signal_id: {} for signal_id in signal_ids}
    links: dict[_Link, int] = {}
    made = []
    for path in paths:
        way = path.way
        for signal_id, groups in zip(way.signal_ids, way.groups, strict=True):
            if not any(greens_of(plan, groups) for plan in plans[signal_id]):
                raise InputError(
                    f"signal {signal_id} never shows path {path.name} green; name another way"
                )
        ranges = zip(way.edges, way.lengths_m, path.min_speed_mps, path.max_speed_mps, strict=True)
        made.append(
            BandPath(
                signals=np.array([at[s] for s in way.signal_ids]),
                movements=np.array(
                    [
                        movements[s].setdefault(groups, len(movements[s]))
                        for s, groups in zip(way.signal_ids, way.groups, strict=True)
                    ]
                ),
                links=np.array([links.setdefault(one, len(links)) for one in ranges], np.intp),
                dwell_s=np.array(path.dwell_s),
                weight=path.weight,
                min_bandwidth=least_band_s / cycle_s,
                required=path.required,
            )
        )
    signals, stands_for = [], []
    for signal_id in signal_ids:
        fixed_s = fixed_offsets_s.get(signal_id)
        signal, chosen = _signal(plans[signal_id], list(movements[signal_id]), cycle_s, fixed_s)
        signals.append(signal)
        stands_for.append(chosen)
    network = BandNetwork(
        signals=tuple(signals),
        paths=tuple(made),
        distance_m=np.array([length_m for _, length_m, _, _ in links]),
        min_speed_mps=np.array([low for _, _, low, _ in links]),
        max_speed_mps=np.array([high for _, _, _, high in links]),
        min_cycle_s=cycle_s,
        max_cycle_s=cycle_s,
        max_slowness_change_s_per_m=max_slowness_change_s_per_m,
    )
    return network, stands_for


def _signal(
    plans: Sequence[SignalPlan],
    movements: Sequence[tuple[int, ...]],
    cycle_s: float,
    fixed_s: float | None,
) -> tuple[BandSignal, NDArray[np.intp]]:
    shown = [[greens_of(plan, groups) for groups in movements] for plan in plans]
    kept = _without_needless(shown) if fixed_s is None else list(range(len(shown)))
    most = max((len(greens) for k in kept for greens in shown[k]), default=1)
    table = np.full((len(kept), len(movements), max(most, 1), 2), np.nan)
    for row, k in enumerate(kept):
        for column, greens in enumerate(shown[k]):
            table[row, column, : len(greens)] = np.reshape(greens, (-1, 2))
    period = plans[0].cycle_s / cycle_s
    signal = BandSignal(
        start=table[..., 0] * period,
        green=table[..., 1] * period,
        period=period,
        fixed_offset=None if fixed_s is None else fixed_s / cycle_s,
    )
    return signal, np.array(kept, dtype=np.intp)


def _without_needless(shown: Sequence[Sequence[tuple[Green, ...]]]) -> list[int]:
    """Plans whose greens, shifted as a whole, no earlier plan contains.

    Only plans that show every movement exactly one green are compared.
    """
    kept: list[int] = []
    for k, own in enumerate(shown):
        if all(len(greens) == 1 for greens in own):
            mine = [greens[0] for greens in own]
            others = (shown[j] for j in kept)
            single = ([g[0] for g in o] for o in others if all(len(g) == 1 for g in o))
            if any(contains(other, mine) for other in single):
                continue
        kept.append(k)
    return kept
