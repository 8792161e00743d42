"""Frames of HCM results: lane groups, movements, approaches, junctions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from signalopt import theory

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from signalopt.evaluation.hcm.capacity import Server, Service
    from signalopt.evaluation.hcm.delay import Performance
    from signalopt.evaluation.hcm.lanes import Layout
    from signalopt.evaluation.hcm.windows import Greens

    FloatArray = NDArray[np.float64]

LANE_GROUP_INDEX = ("signal_id", "edge_id", "lanes", "begin_s")


def lane_group_frame(
    layout: Layout, greens: Greens, server: Server, service: Service, found: Performance
) -> pd.DataFrame:
    """One row per lane group and analysis period; NaN where the method does not apply."""
    groups = layout.groups
    periods, count = service.flow_vph.shape
    green_s = greens.green_s
    protected_s = (greens.duration_s * greens.protected).sum(axis=1)
    served = (service.interval_s * service.rate_vph).sum(axis=-1) * server.lanes
    spacing_m = theory.queue_spacing(service.heavy_ratio)
    storage_m = np.array([g.storage_m for g in groups])
    columns: dict[str, NDArray[np.generic]] = {
        "signal_id": np.array([g.signal_id for g in groups], dtype=object),
        "edge_id": np.array([g.approach.edge_id for g in groups], dtype=object),
        "lanes": np.array(["+".join(map(str, g.lanes)) for g in groups], dtype=object),
        "begin_s": np.array(layout.period_begins_s).reshape(-1, 1),
        "turns": np.array([g.turns for g in groups], dtype=object),
        "lane_count": server.lanes.astype(np.int64),
        "flow_vph": service.flow_vph,
        "heavy_vehicle_ratio": service.heavy_ratio,
        "storage_m": storage_m,
    }
    depends = {
        "cycle_s": greens.cycle_s,
        "effective_green_s": green_s,
        "protected_green_s": protected_s,
        "permissive_green_s": green_s - protected_s,
        "saturation_flow_vph": served / np.where(green_s > 0, green_s, np.nan),
        "capacity_vph": service.capacity_vph,
        "degree_of_saturation": found.degree_of_saturation,
        "uniform_delay_s": found.uniform_delay_s,
        "incremental_delay_s": found.incremental_delay_s,
        "initial_queue_delay_s": found.initial_queue_delay_s,
        "delay_s_per_veh": found.delay_s_per_veh,
        "initial_queue_veh": found.initial_queue_veh,
        "queue_veh": found.queue_veh,
        "queue_m": found.queue_veh * spacing_m,
        "queue_95_veh": found.queue_95_veh,
        "queue_95_m": found.queue_95_veh * spacing_m,
        "storage_ratio": found.queue_95_veh * spacing_m / storage_m,
    }
    known = covered(layout, greens)
    columns |= {name: np.where(known, values, np.nan) for name, values in depends.items()}
    columns["level_of_service"] = np.where(
        known, letters(found.delay_s_per_veh, found.degree_of_saturation), ""
    )
    shape = (periods, count)
    flat = {name: np.broadcast_to(v, shape).T.reshape(-1) for name, v in columns.items()}
    return pd.DataFrame(flat).set_index(list(LANE_GROUP_INDEX))


def movement_frame(
    layout: Layout, greens: Greens, service: Service, found: Performance
) -> pd.DataFrame:
    """One row per movement: vehicles, control delay and degree of saturation over the window."""
    group = np.array([c.group for c in layout.cells], dtype=np.intp)
    flow = service.cell_flow_vph
    known = covered(layout, greens)[group]
    delay = np.where(flow > 0, found.delay_s_per_veh[:, group], 0.0)
    capacity = service.capacity_vph.mean(axis=0)
    total = service.flow_vph.mean(axis=0)
    degree = np.divide(total, capacity, out=np.where(total > 0, np.inf, np.nan), where=capacity > 0)
    movements = [layout.streams[c.stream].movement for c in layout.cells]
    period_h = layout.period_s / 3600
    with np.errstate(invalid="ignore"):  # infinite delay of nobody
        lost_s = np.where(flow > 0, flow * delay, 0.0).sum(axis=0) * period_h
    frame = pd.DataFrame(
        {
            "signal_id": [layout.groups[g].signal_id for g in group],
            "from_edge": [m.from_edge for m in movements],
            "to_edge": [m.to_edge for m in movements],
            "vehicles": flow.sum(axis=0) * period_h,
            "delay_s": np.where(known, lost_s, np.nan),
            "degree_of_saturation": np.where(known, degree[group], np.nan),
        }
    )
    used = frame["vehicles"] > 0
    frame["degree_of_saturation"] = frame["degree_of_saturation"].where(used)
    return pooled(frame, ["signal_id", "from_edge", "to_edge"])


def pooled(frame: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Vehicles and delay of rows taken together, and the degree of saturation of the worst."""
    grouped = frame.groupby(list(by), sort=True)
    vehicles = grouped["vehicles"].sum()
    delay_s = grouped["delay_s"].sum(min_count=1)
    mean = delay_s / vehicles.where(vehicles > 0)
    return pd.DataFrame(
        {
            "vehicles": vehicles,
            "delay_s_per_veh": mean,
            "delay_s": delay_s,
            "degree_of_saturation": grouped["degree_of_saturation"].max(),
            "level_of_service": letters(mean.to_numpy(dtype=np.float64)),
        }
    )


def covered(layout: Layout, greens: Greens) -> NDArray[np.bool_]:
    """Whether the method applies to each lane group."""
    return np.array([g.signal_id not in greens.uncovered for g in layout.groups], dtype=bool)


def letters(delay_s: FloatArray, degree: FloatArray | None = None) -> NDArray[np.object_]:
    """Level of service, empty where the delay is unknown."""
    known = ~np.isnan(delay_s)
    graded = theory.level_of_service(
        np.where(known & np.isfinite(delay_s), delay_s, 1e9),
        degree_of_saturation=None if degree is None else np.where(np.isfinite(degree), degree, 2.0),
    )
    return np.where(known, graded, "").astype(object)
