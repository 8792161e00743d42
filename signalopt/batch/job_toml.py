"""Reading retiming.toml: which networks are re-timed, from what, within which limits."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    ValidationError,
    model_validator,
)

from signalopt.errors import InputError
from signalopt.io.scenario_toml import ObjectiveTable, PeriodTable
from signalopt.io.validation import first_problem, line_of
from signalopt.io.xml import require_file

Number = Annotated[float, Field(allow_inf_nan=False)]
Share = Annotated[Number, Field(ge=0, le=1)]
AboveZero = Annotated[Number, Field(gt=0)]
Count = Annotated[int, Field(ge=1)]
_OneByOne = Annotated[list[str], Field(min_length=1), Tag("(names)")]
_KIND = Discriminator(lambda value: "(all)" if isinstance(value, str) else "(names)")
Names = Annotated[Annotated[Literal["all"], Tag("(all)")] | _OneByOne, _KIND]
"""Names one by one, or all that there are."""
Periods = Annotated[Annotated[Literal["all", "auto"], Tag("(all)")] | _OneByOne, _KIND]
"""Names one by one, all that there are, or the parts of the day that the traffic asks for."""
NAME = r"^[A-Za-z0-9][A-Za-z0-9_.-]*$"
"""What a network may be called: the name becomes part of file names."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class NetworkTable(_Strict):
    """A network that is re-timed.

    Attributes
    ----------
    scenario
        Its folder, scenario.toml or .sumocfg.
    periods
        Names of periods, of the scenario or of the job; all of the scenario by default. ``auto``
        finds breakpoints and makes a schedule of plans for the whole day.
    corridors
        Corridors of the scenario, each timed on its own; without any, the whole network at once.
    demand
        Route files that take the place of the scenario's own.
    counts
        CSV of counted movements, for the drift trigger.
    performance
        CSV of measured delay, for the drift trigger.
    band_share
        Share of the widest bands that plans of corridors keep; None to ignore bands.
    """

    scenario: str
    periods: Periods = "all"
    corridors: Names | None = None
    demand: list[str] = []
    counts: str | None = None
    performance: str | None = None
    band_share: Share | None = None

    @model_validator(mode="after")
    def _bands_need_corridors(self) -> NetworkTable:
        if self.band_share is not None and self.corridors is None:
            raise ValueError("band_share goes with corridors; name them or leave it out")
        if self.band_share is not None and self.periods == "auto":
            raise ValueError("band_share does not go with the periods 'auto'; name periods")
        return self


class LimitsTable(_Strict):
    """What a task may cost.

    Attributes
    ----------
    evaluations, time_s
        Plans to simulate in a search at most, and its time [s]; with a time, results depend on
        the machine. Without both, the budget depends on the scenario's size.
    seed
        Seed of everything random.
    queue_model
        Whether the lane-queue model proposes plans.
    model_share
        Of days with breakpoints to find: share of the queue model's usual runs for each part.
    processes
        Processes of one task.
    tasks
        Tasks at a time on this machine; one per core if None.
    sumo_timeout_s
        Longest time of one run of SUMO [s].
    attempts
        How often a task is begun if the process that works on it dies.
    """

    evaluations: Count | None = None
    time_s: AboveZero | None = None
    seed: Annotated[int, Field(ge=0, le=100_000)] = 1
    queue_model: bool = True
    model_share: AboveZero = 0.25
    processes: Count = 1
    tasks: Count | None = None
    sumo_timeout_s: AboveZero | None = None
    attempts: Count = 3


class ThresholdsTable(_Strict):
    """When a corridor is timed anew, and when a plan is good enough to be proposed.

    Attributes
    ----------
    min_gain
        Least share by which the objective must fall.
    max_geh
        Greatest GEH statistic between a movement's flow now and the flow its plan was made for.
    max_share_beyond
        Share of a signal's traffic that may be on movements that exceed it.
    max_delay_growth
        Share by which measured delay may exceed what was predicted.
    """

    min_gain: Share = 0.02
    max_geh: AboveZero = 5.0
    max_share_beyond: Share = 0.15
    max_delay_growth: Annotated[Number, Field(ge=0)] = 0.15


class ApplyTable(_Strict):
    """What becomes of proposed plans.

    Attributes
    ----------
    policy
        ``ask``: they wait for ``apply --yes``; ``proposed``: a run applies what it proposes.
    folder
        Where the plans in force are.
    """

    policy: Literal["ask", "proposed"] = "ask"
    folder: str = "plans"


class JobTable(_Strict):
    """All keys of a retiming.toml."""

    networks: Annotated[
        dict[Annotated[str, Field(pattern=NAME)], NetworkTable], Field(min_length=1)
    ]
    folder: str = "retiming"
    cluster: Annotated[str, Field(pattern=r"^[a-z]+://.+")] | None = None
    reports: bool = True
    language: Literal["en", "de", "zh"] = "en"
    periods: dict[str, PeriodTable] = {}
    objective: ObjectiveTable | None = None
    limits: LimitsTable = LimitsTable()
    thresholds: ThresholdsTable = ThresholdsTable()
    apply: ApplyTable = ApplyTable()


class Job(_Strict):
    """A job file and what it says; its paths count from its folder.

    Attributes
    ----------
    path
        The file.
    table
        Its keys.
    """

    path: Path
    table: JobTable

    @property
    def state(self) -> Path:
        """Folder with ledger, lock, log, checkpoints and results."""
        return self.beside(self.table.folder)

    @property
    def in_force(self) -> Path:
        """Folder with the plans in force."""
        return self.beside(self.table.apply.folder)

    def beside(self, name: str) -> Path:
        """A path of the file, from its own folder on."""
        return self.path.parent / name


def read_job(path: str | Path) -> Job:
    """Read and check a retiming.toml.

    Parameters
    ----------
    path
        The file, or a folder that holds it.

    Raises
    ------
    InputError
        If it is missing, not TOML, or breaks the schema; the sentence names the key and its line.
    """
    path = Path(path)
    if path.is_dir():
        path /= "retiming.toml"
    try:
        text = require_file(path, "job file").read_text(encoding="utf-8")
        raw = tomllib.loads(text)
    except UnicodeDecodeError as error:
        raise InputError(f"job file {path} is not UTF-8 text; save it as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"job file {path} is not TOML: {error}") from error
    try:
        table = JobTable.model_validate(raw)
    except ValidationError as error:
        line = line_of(text, error)
        raise InputError(f"job file {path}{line}: {first_problem(error, known_keys())}") from error
    return Job(path=path.resolve(), table=table)


def known_keys() -> set[str]:
    """All keys that a job file may hold."""
    tables = (JobTable, NetworkTable, LimitsTable, ThresholdsTable, ApplyTable, PeriodTable,
              ObjectiveTable)  # fmt: skip
    return {key for table in tables for key in table.model_fields}
