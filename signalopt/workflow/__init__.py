"""The verbs, the same in shell and notebook: load, check, evaluate, optimise, compare, export."""

from signalopt.evaluation.routes import with_driven_routes
from signalopt.io.files import require_writable_file
from signalopt.io.scenario import HINTS, names_of
from signalopt.optimisers.time_of_day.day_budget import DayBudget
from signalopt.workflow.advice import advise, offset_curve
from signalopt.workflow.as_running import as_running
from signalopt.workflow.calibration import calibrate
from signalopt.workflow.corridors import (
    corridor,
    corridor_traffic,
    find_corridors,
    plan_bands,
)
from signalopt.workflow.day import (
    breakpoints,
    day_classes,
    day_flows_of,
    day_schedule,
    export_day,
    read_counts,
)
from signalopt.workflow.day_evaluation import DayComparison, evaluate_day
from signalopt.workflow.day_files import (
    draw_day,
    save_day,
    summarise_breakpoints,
    summarise_day,
)
from signalopt.workflow.day_retiming import DAY_LOOKS, DayResult, retime_day
from signalopt.workflow.describe import overview, signal_detail, signals_table
from signalopt.workflow.edits import ban_turn, bus_lane, rebuild, scale_demand, turn_lane
from signalopt.workflow.evaluation import compare, evaluate, evaluate_hcm
from signalopt.workflow.floating_cars import Progression, compare_progression, progression
from signalopt.workflow.fronts import pareto, save_front, summarise_front
from signalopt.workflow.green_waves import CorridorWaves, band_aim, corridor_bands
from signalopt.workflow.loading import (
    load,
    load_files,
    load_plan,
    read_plan_programs,
    with_demands,
)
from signalopt.workflow.many_paths import (
    PathWaves,
    WavePath,
    bicycle_paths,
    bus_path,
    car_paths,
    path_waves,
)
from signalopt.workflow.model_session import ModelSession, PlanFigures
from signalopt.workflow.optimisation import optimise
from signalopt.workflow.plans import check, export, plan_text
from signalopt.workflow.reports import render, report
from signalopt.workflow.runs import require_output, save_run, summarise
from signalopt.workflow.saved import load_run
from signalopt.workflow.trade_off import band_trade_off

__all__ = [
    "DAY_LOOKS",
    "HINTS",
    "CorridorWaves",
    "DayBudget",
    "DayComparison",
    "DayResult",
    "ModelSession",
    "PathWaves",
    "PlanFigures",
    "Progression",
    "WavePath",
    "advise",
    "as_running",
    "ban_turn",
    "band_aim",
    "band_trade_off",
    "bicycle_paths",
    "breakpoints",
    "bus_lane",
    "bus_path",
    "calibrate",
    "car_paths",
    "check",
    "compare",
    "compare_progression",
    "corridor",
    "corridor_bands",
    "corridor_traffic",
    "day_classes",
    "day_flows_of",
    "day_schedule",
    "draw_day",
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
    "names_of",
    "offset_curve",
    "optimise",
    "overview",
    "pareto",
    "path_waves",
    "plan_bands",
    "plan_text",
    "progression",
    "read_counts",
    "read_plan_programs",
    "rebuild",
    "render",
    "report",
    "require_output",
    "require_writable_file",
    "retime_day",
    "save_day",
    "save_front",
    "save_run",
    "scale_demand",
    "signal_detail",
    "signals_table",
    "summarise",
    "summarise_breakpoints",
    "summarise_day",
    "summarise_front",
    "turn_lane",
    "with_demands",
    "with_driven_routes",
]
