"""The errors signalopt raises for what a user can mend.

Every message is one sentence: what is wrong, where, and what to do. Each class carries the exit
code that the command line ends with, so a script can tell a broken file from an unsafe plan.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from signalopt.safety.rules import Finding


class SignaloptError(Exception):
    """Base of all errors that signalopt raises on purpose."""

    exit_code: ClassVar[int] = 1


class InputError(SignaloptError):
    """A file, an option or a value given by the user cannot be used."""

    exit_code = 3


class UnsafePlanError(SignaloptError):
    """A signal plan breaks a safety rule, so it is neither exported nor applied.

    Attributes
    ----------
    findings
        What the safety rules found, errors first.
    """

    exit_code = 4

    def __init__(self, message: str, findings: Sequence[Finding] = ()) -> None:
        super().__init__(message)
        self.findings = tuple(findings)


class SimulationError(SignaloptError):
    """SUMO could not simulate the scenario: it refused, crashed, hung or was cut short."""

    exit_code = 6


class StorageError(SignaloptError):
    """A result cannot be written where it was asked for."""

    exit_code = 8
