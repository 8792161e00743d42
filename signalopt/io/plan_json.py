"""Signal plans as JSON: versioned, complete, and the same again after reading."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from signalopt.errors import InputError
from signalopt.io.sumo_states import lights_of, state_of
from signalopt.io.validation import first_problem
from signalopt.io.xml import require_file
from signalopt.model.control import Interval, Stage, Transition
from signalopt.model.plan import OFFSET_REFERENCE, SignalPlan

FORMAT = "signalopt plan"
VERSION = 1

State = Annotated[str, Field(min_length=1, pattern=r"^[ruyYgGsoO]+$")]
Seconds = Annotated[int, Field(ge=1)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Interval(_Strict):
    duration_s: Seconds
    lights: State


class _Stage(_Strict):
    name: str = ""
    lights: State
    green_s: Seconds
    min_green_s: int | None = None
    max_green_s: int | None = None
    transition: list[_Interval]


class _Plan(_Strict):
    signal_id: str
    program_id: str
    cycle_s: Seconds
    offset_s: Annotated[int, Field(ge=0)]
    stages: Annotated[list[_Stage], Field(min_length=1)]


class _Document(_Strict):
    format: Literal["signalopt plan"]
    version: Literal[1]
    offset_reference: Literal["start of the first stage"]
    plans: list[_Plan]


def plans_to_json(plans: list[SignalPlan]) -> str:
    """The plans as a JSON document."""
    document = {
        "format": FORMAT,
        "version": VERSION,
        "offset_reference": OFFSET_REFERENCE,
        "plans": [
            {
                "signal_id": plan.signal_id,
                "program_id": plan.program_id,
                "cycle_s": plan.cycle_s,
                "offset_s": plan.offset_s,
                "stages": [
                    {
                        "name": stage.name,
                        "lights": state_of(stage.lights),
                        "green_s": stage.green_s,
                        "min_green_s": stage.min_green_s,
                        "max_green_s": stage.max_green_s,
                        "transition": [
                            {"duration_s": int(i.duration_s), "lights": state_of(i.lights)}
                            for i in transition.intervals
                        ],
                    }
                    for stage, transition in zip(plan.stages, plan.transitions, strict=True)
                ],
            }
            for plan in plans
        ],
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def plans_from_json(text: str, where: str = "plan") -> list[SignalPlan]:
    """Read plans from a JSON document.

    Raises
    ------
    InputError
        If it is not JSON, not such a document, or its parts contradict each other.
    """
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{where} is not JSON ({error}); is it complete?") from error
    try:
        document = _Document.model_validate(raw)
    except ValidationError as error:
        raise InputError(f"{where}: {first_problem(error)}") from error
    twice = [s for s, n in Counter(plan.signal_id for plan in document.plans).items() if n > 1]
    if twice:
        raise InputError(f"{where}: signal {twice[0]!r} has more than one plan; keep one")
    return [_plan(plan, where) for plan in document.plans]


def read_plan_json(path: Path) -> list[SignalPlan]:
    """Read plans from a JSON file."""
    try:
        text = require_file(Path(path), "plan").read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"plan {path} is not UTF-8 text; save it as UTF-8") from error
    return plans_from_json(text, f"plan {path}")


def _plan(source: _Plan, where: str) -> SignalPlan:
    try:
        plan = SignalPlan(
            signal_id=source.signal_id,
            program_id=source.program_id,
            offset_s=source.offset_s,
            stages=tuple(
                Stage(
                    name=s.name,
                    lights=lights_of(s.lights),
                    green_s=s.green_s,
                    min_green_s=s.min_green_s,
                    max_green_s=s.max_green_s,
                )
                for s in source.stages
            ),
            transitions=tuple(
                Transition(
                    intervals=tuple(
                        Interval(duration_s=i.duration_s, lights=lights_of(i.lights))
                        for i in s.transition
                    )
                )
                for s in source.stages
            ),
        )
    except ValueError as error:
        raise InputError(f"{where}: {error}") from error
    if plan.cycle_s != source.cycle_s:
        raise InputError(
            f"{where}: signal {source.signal_id!r} states cycle_s {source.cycle_s}, but its stages "
            f"and transitions last {plan.cycle_s} s; correct one of them"
        )
    return plan
