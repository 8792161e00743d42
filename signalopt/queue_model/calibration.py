"""What a calibration found, and how it is kept in a file."""

from __future__ import annotations

import json
import math
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from signalopt.errors import InputError
from signalopt.io.files import write_text
from signalopt.io.xml import require_file
from signalopt.queue_model.parameters import QueueParameters
from signalopt.queue_model.residuals import links_off

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

FORMAT, VERSION = "signalopt calibration", 1


@dataclass(frozen=True, kw_only=True, eq=False)
class Calibration:
    """Constants of the lane-queue model for one network, and how well the model then fits.

    Attributes
    ----------
    scenario
        Name of the scenario.
    parameters
        The constants to use: measured ones as far as they bring the model closer to runs of SUMO
        that nothing was measured in, defaults otherwise.
    estimates
        Indexed by ``parameter``: ``default``, ``measured``, ``observations`` and ``used``.
    residuals
        Indexed by ``edge_id``: what SUMO and the model, with `parameters`, lose on every edge
        under the running plan (see `signalopt.queue_model.residuals.residual`).
    totals
        Indexed by ``plan`` (running, perturbed) and ``quantity`` (delay_s_per_veh,
        stops_per_veh): ``sumo``, ``model_before`` with the defaults, ``model`` with `parameters`.
    misplaced_before, misplaced
        How much of SUMO's delay is elsewhere in the model, both plans together, with the defaults
        and with `parameters` (see `signalopt.queue_model.residuals.misplaced_share`).
    notes
        What was used and what was not, and why, in sentences.
    provenance
        Versions and seeds.
    """

    scenario: str
    parameters: QueueParameters
    estimates: pd.DataFrame
    residuals: pd.DataFrame
    totals: pd.DataFrame
    misplaced_before: float
    misplaced: float
    notes: tuple[str, ...] = ()
    provenance: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def links_off(self) -> pd.DataFrame:
        """Links with more than 5 % of the delay that the model misses by more than a third."""
        return links_off(self.residuals)

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain lists, numbers and words for JSON; unknown is None."""
        return {
            "format": FORMAT,
            "version": VERSION,
            "scenario": self.scenario,
            "parameters": asdict(self.parameters),
            "estimates": _records(self.estimates),
            "totals": _records(self.totals),
            "misplaced_before": self.misplaced_before,
            "misplaced": self.misplaced,
            "residuals": _records(self.residuals),
            "notes": list(self.notes),
            "provenance": dict(self.provenance),
        }

    def write(self, path: str | Path) -> None:
        """Write it as JSON, all of it or nothing.

        Raises
        ------
        StorageError
            If the place cannot be written.
        """
        write_text(Path(path), json.dumps(self.to_dict(), indent=1) + os.linesep)

    def __repr__(self) -> str:
        used = ", ".join(str(name) for name in self.estimates.index[self.estimates["used"]])
        return (
            f"<Calibration of {self.scenario}: misplaced delay {self.misplaced_before:.3f} → "
            f"{self.misplaced:.3f}, measured {used or 'nothing better than the defaults'}>"
        )


def read_parameters(path: str | Path) -> QueueParameters:
    """The constants that a calibration's file holds, for ``QueueModel(parameters=...)``.

    Raises
    ------
    InputError
        If the file is missing, is no calibration, or holds values that make no sense.
    """
    path = require_file(Path(path), "calibration")
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"calibration {path} is not JSON ({error}); calibrate again") from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise InputError(f"{path} is no calibration; name a file that `calibrate` wrote")
    if document.get("version") != VERSION:
        raise InputError(
            f"calibration {path} has version {document.get('version')!r}, this program reads "
            f"{VERSION}; calibrate again"
        )
    values = document.get("parameters")
    known = set(QueueParameters.__slots__)
    if not isinstance(values, dict) or not values.keys() <= known:
        strange = sorted(set(values or ()) - known) if isinstance(values, dict) else []
        what = f"the unknown parameter {strange[0]!r}" if strange else "no parameters"
        raise InputError(f"calibration {path} holds {what}; calibrate again")
    for name, value in values.items():
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise InputError(f"calibration {path}: {name} is {value!r}; it must be a number")
    try:
        return QueueParameters(**values)
    except ValueError as error:
        raise InputError(f"calibration {path}: {error}") from error


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    rows = frame.reset_index().to_dict("records")
    return [{str(key): _plain(value) for key, value in row.items()} for row in rows]


def _plain(value: object) -> object:
    if hasattr(value, "item"):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value
