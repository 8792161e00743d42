"""Reading scenario.toml: what a scenario is made of, checked against a schema."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    ValidationError,
    model_validator,
)

from signalopt.errors import InputError
from signalopt.io.validation import first_problem, line_of
from signalopt.io.xml import require_file
from signalopt.model.objective import WEIGHTS
from signalopt.model.scenario import ALL, AUTO

if TYPE_CHECKING:
    from pathlib import Path

Number = Annotated[float, Field(allow_inf_nan=False)]
Weight = Annotated[Number, Field(ge=0)]


def _or_all(value: object) -> object:
    """Signals may be named one by one or all at once."""
    if isinstance(value, str):
        if value != ALL:
            raise ValueError(f'it is {value!r}; write a list of signals, or "{ALL}"')
        return [ALL]
    return value


Signals = Annotated[list[str], BeforeValidator(_or_all)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class PeriodTable(_Strict):
    """A named window, such as the morning peak."""

    begin_s: Number
    end_s: Number

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> PeriodTable:
        if self.end_s <= self.begin_s:
            raise ValueError(f"end_s {self.end_s:g} must be after begin_s {self.begin_s:g}")
        return self


class CycleGroupTable(_Strict):
    """Signals with a cycle of their own."""

    signals: Annotated[list[str], Field(min_length=1)]


CycleGroups = Annotated[
    Annotated[Literal["auto"], Tag("(auto)")] | Annotated[list[CycleGroupTable], Tag("(groups)")],
    Discriminator(lambda value: "(auto)" if isinstance(value, str) else "(groups)"),
]


class ConstraintsTable(_Strict):
    """What must stay as it is; see `signalopt.model.scenario.Constraints`."""

    min_green_s: Annotated[int, Field(ge=1)] = 5
    min_cycle_s: Annotated[int, Field(ge=10, le=300)] = 10
    max_cycle_s: Annotated[int, Field(ge=10, le=300)] = 300
    leave_alone: list[str] = []
    retime_responsive: bool = False
    turns: Literal["keep", "warranted", "free"] = "keep"
    keep_stages: Signals = []
    keep_splits: Signals = []
    keep_offsets: Signals = []
    keep_cycle: bool = False
    keep_turns: list[str] = []
    min_green_s_of: dict[str, Annotated[int, Field(ge=1)]] = {}
    cycle_groups: CycleGroups = []
    half_cycles: bool = False

    @model_validator(mode="after")
    def _range(self) -> ConstraintsTable:
        if self.min_cycle_s > self.max_cycle_s:
            raise ValueError(
                f"min_cycle_s {self.min_cycle_s} must not exceed max_cycle_s {self.max_cycle_s}"
            )
        grouped = [] if self.cycle_groups == AUTO else self.cycle_groups
        named = [s for group in grouped for s in group.signals]
        if len(set(named)) < len(named):
            twice = next(s for s in named if named.count(s) > 1)
            raise ValueError(f"cycle_groups names signal {twice!r} twice; name it once")
        return self


class ObjectiveTable(_Strict):
    """What is minimised; see `signalopt.model.objective.Objective`."""

    prefer: Literal["delay", "persons", "fuel", "queues"] = "delay"
    delay_weight: Weight | None = None
    stop_penalty_s: Weight | None = None
    person_delay_weight: Weight | None = None
    fuel_weight: Weight | None = None
    queue_penalty_s: Weight | None = None
    side_street_weight: Weight | None = None
    max_side_street_delay_s: Annotated[Number, Field(gt=0)] | None = None
    max_queue_share: Annotated[Number, Field(gt=0, le=1)] | None = None
    occupancy: dict[str, Weight] = {}
    cvar_weight: Annotated[Number, Field(ge=0, le=1)] = 0.5
    cvar_level: Annotated[Number, Field(ge=0, lt=1)] = 0.8

    def weights(self) -> dict[str, float]:
        """The weights that are given; they replace those of what is preferred."""
        return {name: w for name in WEIGHTS if (w := getattr(self, name)) is not None}


class DemandTable(_Strict):
    """Who may travel instead; see `signalopt.model.scenario.FurtherDemand`."""

    name: Annotated[str, Field(min_length=1)]
    files: Annotated[list[str], Field(min_length=1)]
    weight: Annotated[Number, Field(gt=0)] = 1.0


class BenefitTable(_Strict):
    """What differences are worth; see `signalopt.model.benefit.Benefit`."""

    value_of_time_per_h: Weight | None = None
    fuel_price_per_l: Weight | None = None
    co2_price_per_t: Weight | None = None
    hours_per_year: Annotated[Weight, Field(le=8784)] | None = None
    occupancy: dict[str, Weight] = {}
    currency: Annotated[str, Field(min_length=1, max_length=8)] | None = None

    def given(self) -> dict[str, Any]:
        """The values that are given; they replace the defaults."""
        return {k: v for k in type(self).model_fields if (v := getattr(self, k)) not in (None, {})}


class CorridorTable(_Strict):
    """Signals along a road, in order."""

    signals: Annotated[list[str], Field(min_length=2)]


class ScenarioTable(_Strict):
    """All keys of a scenario.toml."""

    name: str
    description: str = ""
    network: str
    demand: Annotated[list[str], Field(min_length=1)]
    additional: list[str] = []
    demands: list[DemandTable] = []
    warm_up_s: Annotated[Number, Field(ge=0)] = 0.0
    periods: Annotated[dict[str, PeriodTable], Field(min_length=1)]
    constraints: ConstraintsTable = ConstraintsTable()
    objective: ObjectiveTable = ObjectiveTable()
    benefit: BenefitTable = BenefitTable()
    corridors: dict[str, CorridorTable] = {}
    calibration: str | None = None
    sumo: dict[str, str] = {}


def read_scenario_toml(path: Path) -> ScenarioTable:
    """Read and check a scenario.toml.

    Raises
    ------
    InputError
        If it is missing, not TOML, or breaks the schema; the sentence names the key and its line.
    """
    try:
        text = require_file(path, "scenario").read_text(encoding="utf-8")
        raw = tomllib.loads(text)
    except UnicodeDecodeError as error:
        raise InputError(f"scenario {path} is not UTF-8 text; save it as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"scenario {path} is not TOML: {error}") from error
    try:
        return ScenarioTable.model_validate(raw)
    except ValidationError as error:
        line = line_of(text, error)
        raise InputError(f"scenario {path}{line}: {first_problem(error, _known_keys())}") from error


def _known_keys() -> set[str]:
    tables = (
        ScenarioTable, PeriodTable, ConstraintsTable, CycleGroupTable,
        ObjectiveTable, BenefitTable, CorridorTable, DemandTable,
    )  # fmt: skip
    return {key for table in tables for key in table.model_fields}
