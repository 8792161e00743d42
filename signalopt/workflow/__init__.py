"""The verbs, the same in shell and notebook: load, check, evaluate, optimise, compare, export."""

from signalopt.workflow.corridors import (
    corridor,
    corridor_traffic,
    find_corridors,
    plan_bands,
)
from signalopt.workflow.describe import overview, signal_detail, signals_table
from signalopt.workflow.floating_cars import Progression, progression
from signalopt.workflow.runs import require_output, save_run, summarise
from signalopt.workflow.verbs import (
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
    "optimise",
    "overview",
    "plan_bands",
    "progression",
    "read_plan_programs",
    "require_output",
    "save_run",
    "signal_detail",
    "signals_table",
    "summarise",
]
