"""Traffic-signal timing: load a SUMO scenario, find a better plan, prove it in simulation.

Examples
--------
>>> import signalopt as so
>>> scenario = so.load("scenarios/arterial")  # doctest: +SKIP
>>> result = so.optimise(scenario, stop=so.MaxEvaluations(60), seed=1)  # doctest: +SKIP
>>> so.export(scenario, result.plan, "plan.add.xml")  # doctest: +SKIP
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

# Names appear on first use: importing the package stays fast and starts nothing.
_HOME = {
    "AnyOf": "signalopt.optimisers.stop",
    "Benefit": "signalopt.model.benefit",
    "Constraints": "signalopt.model.scenario",
    "Corridor": "signalopt.model.corridor",
    "DayBudget": "signalopt.optimisers.time_of_day.day_budget",
    "DayFlows": "signalopt.model.day",
    "DayResult": "signalopt.workflow",
    "Evaluation": "signalopt.evaluation.result",
    "InputError": "signalopt.errors",
    "MaxEvaluations": "signalopt.optimisers.stop",
    "MaxRuntime": "signalopt.optimisers.stop",
    "ModelSession": "signalopt.workflow",
    "Network": "signalopt.model.network",
    "NoImprovement": "signalopt.optimisers.stop",
    "Objective": "signalopt.model.objective",
    "OptimisationResult": "signalopt.optimisers.result",
    "ParetoFront": "signalopt.optimisers.front.result",
    "PlanSet": "signalopt.model.plan",
    "Progression": "signalopt.workflow",
    "Scenario": "signalopt.model.scenario",
    "SignalPlan": "signalopt.model.plan",
    "SignaloptError": "signalopt.errors",
    "SimulationError": "signalopt.errors",
    "StorageError": "signalopt.errors",
    "UnsafePlanError": "signalopt.errors",
    "advise": "signalopt.workflow",
    "ban_turn": "signalopt.workflow",
    "band_trade_off": "signalopt.workflow",
    "bicycle_paths": "signalopt.workflow",
    "bus_lane": "signalopt.workflow",
    "bus_path": "signalopt.workflow",
    "breakpoints": "signalopt.workflow",
    "car_paths": "signalopt.workflow",
    "check": "signalopt.workflow",
    "compare": "signalopt.workflow",
    "compare_progression": "signalopt.workflow",
    "corridor": "signalopt.workflow",
    "corridor_bands": "signalopt.workflow",
    "corridor_traffic": "signalopt.workflow",
    "day_classes": "signalopt.workflow",
    "day_schedule": "signalopt.workflow",
    "evaluate": "signalopt.workflow",
    "evaluate_day": "signalopt.workflow",
    "evaluate_hcm": "signalopt.workflow",
    "export": "signalopt.workflow",
    "export_day": "signalopt.workflow",
    "find_corridors": "signalopt.workflow",
    "load": "signalopt.workflow",
    "load_files": "signalopt.workflow",
    "load_plan": "signalopt.workflow",
    "load_run": "signalopt.workflow",
    "offset_curve": "signalopt.workflow",
    "optimise": "signalopt.workflow",
    "pareto": "signalopt.workflow",
    "path_waves": "signalopt.workflow",
    "plan_bands": "signalopt.workflow",
    "progression": "signalopt.workflow",
    "rebuild": "signalopt.workflow",
    "read_counts": "signalopt.workflow",
    "report": "signalopt.workflow",
    "retime_day": "signalopt.workflow",
    "save_day": "signalopt.workflow",
    "save_front": "signalopt.workflow",
    "save_run": "signalopt.workflow",
    "scale_demand": "signalopt.workflow",
    "turn_lane": "signalopt.workflow",
    "with_demands": "signalopt.workflow",
}

__all__ = [
    "AnyOf",
    "Benefit",
    "Constraints",
    "Corridor",
    "DayBudget",
    "DayFlows",
    "DayResult",
    "Evaluation",
    "InputError",
    "MaxEvaluations",
    "MaxRuntime",
    "ModelSession",
    "Network",
    "NoImprovement",
    "Objective",
    "OptimisationResult",
    "ParetoFront",
    "PlanSet",
    "Progression",
    "Scenario",
    "SignalPlan",
    "SignaloptError",
    "SimulationError",
    "StorageError",
    "UnsafePlanError",
    "__version__",
    "advise",
    "ban_turn",
    "band_trade_off",
    "bicycle_paths",
    "breakpoints",
    "bus_lane",
    "bus_path",
    "car_paths",
    "check",
    "compare",
    "compare_progression",
    "corridor",
    "corridor_bands",
    "corridor_traffic",
    "day_classes",
    "day_schedule",
    "evaluate",
    "evaluate_day",
    "evaluate_hcm",
    "export",
    "export_day",
    "find_corridors",
    "load",
    "load_files",
    "load_plan",
    "load_run",
    "offset_curve",
    "optimise",
    "pareto",
    "path_waves",
    "plan_bands",
    "progression",
    "read_counts",
    "rebuild",
    "report",
    "retime_day",
    "save_day",
    "save_front",
    "save_run",
    "scale_demand",
    "turn_lane",
    "with_demands",
]

if TYPE_CHECKING:
    from signalopt.errors import (
        InputError,
        SignaloptError,
        SimulationError,
        StorageError,
        UnsafePlanError,
    )
    from signalopt.evaluation.result import Evaluation
    from signalopt.model.benefit import Benefit
    from signalopt.model.corridor import Corridor
    from signalopt.model.day import DayFlows
    from signalopt.model.network import Network
    from signalopt.model.objective import Objective
    from signalopt.model.plan import PlanSet, SignalPlan
    from signalopt.model.scenario import Constraints, Scenario
    from signalopt.optimisers.front.result import ParetoFront
    from signalopt.optimisers.result import OptimisationResult
    from signalopt.optimisers.stop import AnyOf, MaxEvaluations, MaxRuntime, NoImprovement
    from signalopt.optimisers.time_of_day.day_budget import DayBudget
    from signalopt.workflow import (
        DayResult,
        ModelSession,
        Progression,
        advise,
        ban_turn,
        band_trade_off,
        bicycle_paths,
        breakpoints,
        bus_lane,
        bus_path,
        car_paths,
        check,
        compare,
        compare_progression,
        corridor,
        corridor_bands,
        corridor_traffic,
        day_classes,
        day_schedule,
        evaluate,
        evaluate_day,
        evaluate_hcm,
        export,
        export_day,
        find_corridors,
        load,
        load_files,
        load_plan,
        load_run,
        offset_curve,
        optimise,
        pareto,
        path_waves,
        plan_bands,
        progression,
        read_counts,
        rebuild,
        report,
        retime_day,
        save_day,
        save_front,
        save_run,
        scale_demand,
        turn_lane,
        with_demands,
    )


def __getattr__(name: str) -> Any:  # noqa: ANN401 (any of the names above)
    if name not in _HOME:
        raise AttributeError(f"module 'signalopt' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
