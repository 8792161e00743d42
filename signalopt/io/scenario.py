"""Loading a scenario from a folder with scenario.toml, a .sumocfg, or a network and routes."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sumolib.net.lane import SUMO_VEHICLE_CLASSES

from signalopt.errors import InputError
from signalopt.io.further_demands import ignores_route_errors, with_demands
from signalopt.io.scenario_toml import read_scenario_toml
from signalopt.io.sumo_config import read_sumo_config
from signalopt.io.sumo_demand import read_demand
from signalopt.io.sumo_net import read_network
from signalopt.io.sumo_plan import read_programs, running_at
from signalopt.io.sumo_sources import demand_apart
from signalopt.io.xml import require_file
from signalopt.model.benefit import Benefit
from signalopt.model.objective import Objective
from signalopt.model.scenario import AUTO, Constraints, Scenario, Turns
from signalopt.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from signalopt.io.scenario_toml import BenefitTable, ObjectiveTable
    from signalopt.model.network import Network

QUARTER_HOUR_S = 900
HINTS = {
    "signal": "name one of the network's signals",
    "movement": "write FROM_EDGE>TO_EDGE of a movement that a signal releases",
}
"""What to do about a name in the constraints that stands for nothing."""


def load_scenario(
    path: Path,
    *,
    period: str | None = None,
    begin_s: float | None = None,
    end_s: float | None = None,
) -> Scenario:
    """Load a scenario from a folder, its scenario.toml, or a SUMO configuration.

    Parameters
    ----------
    path
        A folder with a ``scenario.toml`` (or exactly one ``.sumocfg``), or either file.
    period
        Name of the scenario's period; its first one if None.
    begin_s, end_s
        Window that replaces the scenario's own [s].

    Raises
    ------
    InputError
        If anything about the files does not hold together.
    """
    path = _scenario_file(Path(path))
    if path.suffix == ".toml":
        return _from_toml(path, period, begin_s, end_s)
    if period is not None:
        raise InputError(f"{path} has no periods; use --begin and --end")
    config = read_sumo_config(path)
    return load_files(
        config.net,
        config.routes,
        config.additional,
        begin_s=config.begin_s if begin_s is None else begin_s,
        end_s=config.end_s if end_s is None else end_s,
        name=path.parent.name if path.stem in ("run", "sumo", "osm") else path.stem,
        source=path,
        sumo_options=config.options,
    )


def load_files(
    net: Path,
    routes: tuple[Path, ...],
    additional: tuple[Path, ...] = (),
    *,
    begin_s: float = 0.0,
    end_s: float | None = None,
    name: str = "",
    description: str = "",
    source: Path | None = None,
    warm_up_s: float = 0.0,
    sumo_options: tuple[tuple[str, str], ...] = (),
    constraints: Constraints | None = None,
    objective: Objective | None = None,
    corridors: Mapping[str, tuple[str, ...]] | None = None,
    calibration: Path | None = None,
    benefit: Benefit | None = None,
) -> Scenario:
    """Load a scenario from its SUMO files.

    Without an end, the window ends at the first full quarter of an hour, not before the last
    departure.

    Raises
    ------
    InputError
        If a file is broken, nobody departs in the window, or a signal has no program.
    """
    net = require_file(Path(net), "network")
    routes = tuple(require_file(Path(p), "demand") for p in routes)
    additional = tuple(require_file(Path(p), "additional file") for p in additional)
    routes, additional = demand_apart(routes, additional)
    network = read_network(net)
    widths = {signal_id: s.group_count for signal_id, s in network.signals.items()}
    plans = read_programs((net, *additional), widths)
    options = dict(sumo_options)
    demand = read_demand(
        network,
        net,
        additional,
        routes,
        ignore_errors=ignores_route_errors(options),
    )
    if end_s is None:
        last_s = float(demand.vehicles["depart_s"].max()) if len(demand.vehicles) else 0.0
        # Who departs at the very end of a full hour does not open another quarter.
        end_s = max(math.ceil(last_s / QUARTER_HOUR_S), 1) * QUARTER_HOUR_S
    scenario = Scenario(
        name=name or network.name,
        description=description,
        source=source or net,
        network_path=net,
        route_paths=routes,
        additional_paths=additional,
        begin_s=begin_s,
        end_s=end_s,
        warm_up_s=min(warm_up_s, begin_s),
        sumo_options=sumo_options,
        constraints=constraints or Constraints(),
        objective=objective or Objective(),
        corridors=corridors or {},
        calibration_path=None if calibration is None else require_file(calibration, "calibration"),
        benefit=benefit or Benefit(),
        network=network,
        plan=running_at(plans, begin_s),
        demand=demand,
    )
    _require_sensible(scenario)
    return scenario


def _scenario_file(path: Path) -> Path:
    if not path.is_dir():
        path = require_file(path, "scenario")
        if path.suffix not in (".toml", ".sumocfg") and not path.name.endswith(".sumocfg.xml"):
            raise InputError(
                f"{path} is neither a scenario.toml nor a .sumocfg; "
                "for a bare network use --net and --routes"
            )
        return path
    if (path / "scenario.toml").exists():
        return path / "scenario.toml"
    found = sorted(path.glob("*.sumocfg"))
    if len(found) != 1:
        many = f"{len(found)} .sumocfg files" if found else "neither scenario.toml nor .sumocfg"
        raise InputError(f"folder {path} holds {many}; name the file to use")
    return found[0]


def _from_toml(
    path: Path, period: str | None, begin_s: float | None, end_s: float | None
) -> Scenario:
    table = read_scenario_toml(path)
    name = period or next(iter(table.periods))
    if name not in table.periods:
        raise InputError(
            f"scenario {path} has no period {name!r}; "
            + did_you_mean(name, table.periods, f"it has {', '.join(table.periods)}")
        )
    window = table.periods[name]
    folder = path.parent
    limits = table.constraints
    scenario = load_files(
        folder / table.network,
        tuple(folder / p for p in table.demand),
        tuple(folder / p for p in table.additional),
        begin_s=window.begin_s if begin_s is None else begin_s,
        end_s=window.end_s if end_s is None else end_s,
        name=table.name if len(table.periods) == 1 else f"{table.name} {name}",
        description=table.description,
        source=path,
        warm_up_s=table.warm_up_s,
        sumo_options=tuple(table.sumo.items()),
        constraints=Constraints(
            min_green_s=limits.min_green_s,
            min_cycle_s=limits.min_cycle_s,
            max_cycle_s=limits.max_cycle_s,
            leave_alone=tuple(limits.leave_alone),
            retime_responsive=limits.retime_responsive,
            turns=Turns(limits.turns),
            keep_stages=tuple(limits.keep_stages),
            keep_splits=tuple(limits.keep_splits),
            keep_offsets=tuple(limits.keep_offsets),
            keep_cycle=limits.keep_cycle,
            keep_turns=tuple(limits.keep_turns),
            min_green_s_of=limits.min_green_s_of,
            cycle_groups=AUTO
            if limits.cycle_groups == AUTO
            else tuple(tuple(group.signals) for group in limits.cycle_groups),
            half_cycles=limits.half_cycles,
        ),
        objective=objective_of(path, table.objective),
        corridors={k: tuple(c.signals) for k, c in table.corridors.items()},
        calibration=None if table.calibration is None else folder / table.calibration,
        benefit=_benefit(path, table.benefit),
    )
    demands = [(d.name, d.weight, [folder / p for p in d.files]) for d in table.demands]
    return with_demands(scenario, demands)


def objective_of(path: Path, table: ObjectiveTable) -> Objective:
    """The objective that the ``[objective]`` table of a file describes.

    Raises
    ------
    InputError
        If its weights contradict each other, or it names no class of vehicles.
    """
    _require_classes(path, "objective", table.occupancy)
    limits = Objective(
        max_side_street_delay_s=table.max_side_street_delay_s,
        max_queue_share=table.max_queue_share,
        occupancy=table.occupancy,
        cvar_weight=table.cvar_weight,
        cvar_level=table.cvar_level,
    )
    weights: dict[str, Any] = table.weights()
    try:
        return replace(limits.preferring(table.prefer), **weights)
    except ValueError as error:
        raise InputError(f"{path}: {error}; give one of them in [objective]") from error


def _benefit(path: Path, table: BenefitTable) -> Benefit:
    _require_classes(path, "benefit", table.occupancy)
    return Benefit(**table.given())


def _require_classes(path: Path, table: str, occupancy: Mapping[str, float]) -> None:
    unknown = sorted(set(occupancy) - SUMO_VEHICLE_CLASSES)
    if unknown:
        hint = did_you_mean(unknown[0], SUMO_VEHICLE_CLASSES, "name a class such as 'passenger'")
        raise InputError(
            f"scenario {path}: {table}.occupancy names unknown vehicle class {unknown[0]!r}; {hint}"
        )


def names_of(network: Network, kind: str) -> list[str]:
    """What constraints may name: the signals, or the movements that signals release."""
    if kind == "signal":
        return list(network.signals)
    released = (m for s in network.signals.values() for m in s.movements)
    return [f"{m.from_edge}>{m.to_edge}" for m in released]


def _require_sensible(scenario: Scenario) -> None:
    source, network = scenario.source, scenario.network
    if not network.signals:
        raise InputError(
            f"network {scenario.network_path} has no signals; there is nothing to time"
        )
    if not scenario.plan.programs:  # rail signals have none; a road network without any is wrong
        raise InputError(
            f"no signal of {scenario.network_path} has a program; add tlLogic elements"
        )
    unknown = scenario.constraints.unknown_name(network)
    if unknown is not None:
        key, kind, name = unknown
        hint = did_you_mean(name, names_of(network, kind), HINTS[kind])
        raise InputError(f"{source}: constraints.{key} names unknown {kind} {name!r}; {hint}")
    for name, signals in scenario.corridors.items():
        strange = [s for s in signals if s not in network.signals]
        if strange:
            raise InputError(
                f"{source}: corridor {name!r} names unknown signal {strange[0]!r}; "
                + did_you_mean(strange[0], network.signals, HINTS["signal"])
            )
    depart_s = scenario.demand.vehicles["depart_s"]
    if len(depart_s) == 0:
        raise InputError(f"{source}: the demand is empty; give it vehicles, trips or flows")
    if scenario.end_s <= scenario.begin_s:
        raise InputError(
            f"{source}: the window {scenario.begin_s:g} to {scenario.end_s:g} s is empty; "
            "let it end after it begins"
        )
    if scenario.demand.due(scenario.begin_s, scenario.end_s) == 0:
        raise InputError(
            f"{source}: nobody departs in the window {scenario.begin_s:g} to {scenario.end_s:g} s "
            f"(departures lie in {depart_s.min():g} to {depart_s.max():g} s); "
            "change --begin and --end"
        )
