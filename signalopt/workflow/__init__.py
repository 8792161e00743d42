"""The verbs, the same in shell and notebook: load, check, evaluate, optimise, compare, export."""

from signalopt.evaluation.routes import with_driven_routes
from signalopt.io.files import require_writable_file
from signalopt.workflow.advice import advise, offset_curve
from signalopt.workflow.corridors import (
    corridor,
    corridor_traffic,
    find_corridors,
    plan_bands,
)
from signalopt.workflow.describe import overview, signal_detail, signals_table
from signalopt.workflow.floating_cars import Progression, progression
from signalopt.workflow.reports import render, report
from signalopt.workflow.runs import require_output, save_run, summarise
from signalopt.workflow.saved import load_run
from signalopt.workflow.verbs import (
    calibrate,
    check,
    compare,
    evaluate,
    evaluate_hcm,
    export,
    load,
    load_files,
    load_plan,
    optimise,
    read_plan_programs,
)

__all__ = [
    "Progression",
    "advise",
    "calibrate",
    "check",
    "compare",
    "corridor",
    "corridor_traffic",
    "evaluate",
    "evaluate_hcm",
    "export",
    "find_corridors",
    "load",
    "load_files",
    "load_plan",
    "load_run",
    "offset_curve",
    "optimise",
    "overview",
    "plan_bands",
    "progression",
    "read_plan_programs",
    "render",
    "report",
    "require_output",
    "require_writable_file",
    "save_run",
    "signal_detail",
    "signals_table",
    "summarise",
    "with_driven_routes",
]
