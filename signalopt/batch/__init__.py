"""Re-timing as a job: many networks, corridors and periods, unattended, and never lost.

Examples
--------
>>> from signalopt import batch
>>> job = batch.read_job("retiming.toml")  # doctest: +SKIP
>>> outcome, summary = batch.run(job)  # doctest: +SKIP
>>> batch.apply(job)  # doctest: +SKIP
"""

from signalopt.batch.applying import Applied, apply, rollback, waiting
from signalopt.batch.history import show
from signalopt.batch.job_toml import Job, read_job
from signalopt.batch.lock import BusyError
from signalopt.batch.outcome import Outcome
from signalopt.batch.running import run
from signalopt.batch.runs import run_folder
from signalopt.batch.timers import Timer, timer, write_timer
from signalopt.batch.watching import Status, TaskStatus, status

__all__ = [
    "Applied",
    "BusyError",
    "Job",
    "Outcome",
    "Status",
    "TaskStatus",
    "Timer",
    "apply",
    "read_job",
    "rollback",
    "run",
    "run_folder",
    "show",
    "status",
    "timer",
    "waiting",
    "write_timer",
]
