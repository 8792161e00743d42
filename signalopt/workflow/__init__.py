"""The verbs, from load to export: the same in shell and notebook."""

from signalopt.evaluation.routes import with_driven_routes
from signalopt.io.files import require_writable_file
from signalopt.workflow.describe import overview, signal_detail, signals_table
from signalopt.workflow.runs import require_output, save_run, summarise
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
    "calibrate",
    "check",
    "compare",
    "evaluate",
    "evaluate_hcm",
    "export",
    "load",
    "load_files",
    "load_plan",
    "optimise",
    "overview",
    "read_plan_programs",
    "require_output",
    "require_writable_file",
    "save_run",
    "signal_detail",
    "signals_table",
    "summarise",
    "with_driven_routes",
]
