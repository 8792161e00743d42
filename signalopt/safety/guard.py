"""Applying the safety rules to whole plan sets, and refusing what breaks them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signalopt.errors import UnsafePlanError
from signalopt.safety.limits import SignalLimits, signal_limits
from signalopt.safety.rules import RULES, Finding, Severity, state_width
from signalopt.safety.timeline import Timeline

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from signalopt.model.network import Network
    from signalopt.model.plan import PlanSet, Program
    from signalopt.model.scenario import Constraints


def network_limits(
    network: Network, running: PlanSet, constraints: Constraints
) -> dict[str, SignalLimits]:
    """Limits of every signal that runs a program, by signal id."""
    return {
        signal_id: signal_limits(network.signals[signal_id], program, constraints)
        for signal_id, program in running.programs.items()
        if signal_id in network.signals
    }


def check_program(program: Program, limits: SignalLimits) -> list[Finding]:
    """Everything that the rules find in one program, errors first."""
    wrong = state_width(program, limits, Timeline(program.intervals))
    if wrong:
        return wrong  # the other rules need one light for each group
    timeline = Timeline(program.intervals)
    found = [finding for rule in RULES for finding in rule(program, limits, timeline)]
    return sorted(found, key=lambda f: f.severity is not Severity.ERROR)


def check_plans(plans: Iterable[Program], limits: Mapping[str, SignalLimits]) -> list[Finding]:
    """Everything that the rules find in some plans, unknown and missing signals included."""
    found: list[Finding] = []
    named: set[str] = set()
    for plan in plans:
        named.add(plan.signal_id)
        if plan.signal_id in limits:
            found += check_program(plan, limits[plan.signal_id])
        else:
            message = "the network has no such signal, or it runs no program"
            found.append(
                Finding(
                    severity=Severity.ERROR,
                    rule="unknown_signal",
                    signal_id=plan.signal_id,
                    message=message,
                )
            )
    found += [
        Finding(
            severity=Severity.WARNING,
            rule="missing_signal",
            signal_id=signal_id,
            message="not in the plan, stays as it is",
        )
        for signal_id in sorted(limits.keys() - named)
    ]
    return sorted(found, key=lambda f: f.severity is not Severity.ERROR)


def require_safe(plans: Iterable[Program], limits: Mapping[str, SignalLimits]) -> list[Finding]:
    """The warnings about some plans; refuses them if there is an error.

    Raises
    ------
    UnsafePlanError
        If a rule finds an error. The message holds the first, the exception all of them.
    """
    found = check_plans(plans, limits)
    errors = [f for f in found if f.severity is Severity.ERROR]
    if errors:
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        raise UnsafePlanError(f"unsafe plan: {errors[0]}{more}", found)
    return found
