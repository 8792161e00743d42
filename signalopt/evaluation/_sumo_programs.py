"""Checking that SUMO runs the plan that it was given; standard library only."""

from __future__ import annotations

from typing import Any

_TIME_TOLERANCE_S = 1e-6


class PlanError(Exception):
    """SUMO does not run the plan that it was given."""


def verify_programs(sumo: Any, signals: dict[str, Any]) -> None:  # noqa: ANN401
    """Check that each signal runs the program that was meant, in the right second of its cycle.

    Parameters
    ----------
    sumo
        libsumo or traci, at the start of the simulation.
    signals
        By signal id: the program's id, and its states as (duration [s], state) from now on over
        one cycle; None if only the id is to be compared.

    Raises
    ------
    PlanError
        If one does not.
    """
    now_s = sumo.simulation.getTime()
    lights = sumo.trafficlight
    for signal_id, (program_id, meant) in signals.items():
        running = lights.getProgram(signal_id)
        if running != program_id:
            raise PlanError(f"signal {signal_id!r} runs program {running!r}, not {program_id!r}")
        if meant is None:
            continue
        logics = lights.getAllProgramLogics(signal_id)
        phases = next(logic.phases for logic in logics if logic.programID == program_id)
        index = lights.getPhase(signal_id)
        left_s = lights.getNextSwitch(signal_id) - now_s
        steps = [(p.duration, p.state) for p in (*phases[index:], *phases[:index])]
        duration_s, state = steps[0]
        shown = [(left_s, state), *steps[1:], (duration_s - left_s, state)]
        if not _same(_merged(shown), _merged(meant)):
            raise PlanError(
                f"signal {signal_id!r} shows other states than program {program_id!r} of the plan"
            )


def _merged(steps: list[Any]) -> list[tuple[float, str]]:
    found: list[tuple[float, str]] = []
    for duration_s, raw in steps:
        state = raw.replace("R", "r")
        if found and found[-1][1] == state:
            found[-1] = (found[-1][0] + duration_s, state)
        elif duration_s > _TIME_TOLERANCE_S:
            found.append((duration_s, state))
    return found


def _same(shown: list[tuple[float, str]], meant: list[tuple[float, str]]) -> bool:
    return len(shown) == len(meant) and all(
        a[1] == b[1] and abs(a[0] - b[0]) < _TIME_TOLERANCE_S
        for a, b in zip(shown, meant, strict=True)
    )
