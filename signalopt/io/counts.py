"""Counts over the day: CSV tables and the output files of SUMO's detectors."""

from __future__ import annotations

import csv
import math
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from signalopt.errors import InputError
from signalopt.io.xml import elements, require_file
from signalopt.model.day import DAY_S, QUARTER_S, DayFlows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

COLUMNS = ("day", "time", "name", "count")
_SAME_AS_NAME = ("movement", "detector", "name")
_COUNTED = ("nVehContrib", "nVehEntered", "nVehSeen")
"""What E1 and E2 detectors call the vehicles that passed, the best word first."""


class _Count(NamedTuple):
    day: str
    begin_s: float
    name: str
    vehicles: float
    length_s: float | None


def read_counts(path: Path, *, interval_s: float = QUARTER_S) -> tuple[DayFlows, ...]:
    """Read counts from a CSV table or from the output of SUMO's E1 or E2 detectors.

    A CSV table has the columns ``time`` (``HH:MM`` or seconds after midnight: the start of the
    interval), ``movement`` or ``detector``, ``count`` (vehicles in the interval), and ``day`` if
    there are several. A detector's times count from the midnight before the simulation; those
    beyond 24 hours belong to further days.

    Parameters
    ----------
    path
        Ends in ``.csv``, or in ``.xml`` or ``.xml.gz`` for SUMO.
    interval_s
        Intervals of the flows [s]; shorter intervals of the file are added up.

    Returns
    -------
    tuple of DayFlows
        One per day, in the order of the file.

    Raises
    ------
    InputError
        If the file is broken, a count is missing, negative or given twice, or its intervals do not
        fit into `interval_s`.
    """
    path = require_file(Path(path), "counts")
    if path.suffix == ".csv":
        found = list(_csv_counts(path))
    elif path.suffix == ".xml" or path.name.endswith(".xml.gz"):
        found = list(_detector_counts(path))
    else:
        raise InputError(f"counts {path} end in neither .csv nor .xml; choose one of the two")
    if not found:
        raise InputError(f"counts {path} hold no count; give it rows")
    by_day: dict[str, list[_Count]] = defaultdict(list)
    for count in found:
        by_day[count.day].append(count)
    return tuple(_flows(path, day, rows, interval_s) for day, rows in by_day.items())


def _csv_counts(path: Path) -> Iterator[_Count]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            table = csv.DictReader(stream)
            header = list(table.fieldnames or ())
            named = [c for c in _SAME_AS_NAME if c in header]
            lacking = [c for c in ("time", "count") if c not in header]
            if lacking or not named:
                missing = lacking[0] if lacking else "movement"
                raise InputError(
                    f"counts {path} have no column {missing!r}; give the columns time, movement "
                    "(or detector) and count"
                )
            for number, row in enumerate(table, start=2):
                where = f"counts {path}, line {number}"
                vehicles = _number(row["count"], where)
                day = row.get("day") or path.name.removesuffix(".csv")
                yield _Count(day, _time_s(row["time"], where), row[named[0]] or "", vehicles, None)
    except UnicodeDecodeError as error:
        raise InputError(f"counts {path} are not UTF-8 text; save them as UTF-8") from error
    except csv.Error as error:
        raise InputError(f"counts {path} are not a CSV table ({error}); save them anew") from error


def _number(text: str | None, where: str) -> float:
    try:
        value = float(text or "")
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or value < 0:
        raise InputError(f"{where}: count is {text!r}; it must be a number of vehicles, at least 0")
    return value


def _time_s(text: str | None, where: str) -> float:
    parts = (text or "").split(":")
    try:
        numbers = [float(p) for p in parts]
    except ValueError:
        numbers = []
    if len(numbers) == 1:
        value = numbers[0]
    elif len(numbers) in {2, 3}:
        value = sum(n * unit for n, unit in zip(numbers, (3600, 60, 1), strict=False))
    else:
        value = math.nan
    if not 0 <= value < DAY_S:
        raise InputError(
            f"{where}: time is {text!r}; it must be HH:MM or seconds after midnight, within the day"
        )
    return value


def _detector_counts(path: Path) -> Iterator[_Count]:
    stem = path.name.removesuffix(".gz").removesuffix(".xml")
    for element in elements(path, what="counts"):
        if element.tag != "interval":
            continue
        where = f"counts {path}: interval of detector {element.get('id', '')!r}"
        text = next((element.get(key) for key in _COUNTED if key in element.attrib), None)
        if text is None:
            raise InputError(
                f"{where} has none of {', '.join(_COUNTED)}; give the output of an E1 or E2 "
                "detector"
            )
        begin_s, end_s = (_seconds(element.get(key), where, key) for key in ("begin", "end"))
        number = int(begin_s // DAY_S)
        day = stem if number == 0 else f"{stem} day {number + 1}"
        vehicles = _number(text, where)
        yield _Count(day, begin_s % DAY_S, element.get("id", ""), vehicles, end_s - begin_s)


def _seconds(text: str | None, where: str, key: str) -> float:
    try:
        return float(text or "")
    except ValueError:
        raise InputError(f"{where}: {key} is {text!r}; it must be a number of seconds") from None


def _flows(path: Path, day: str, rows: Iterable[_Count], interval_s: float) -> DayFlows:
    counts: dict[tuple[str, float], float] = {}
    for row in rows:
        key = (row.name, row.begin_s)
        if key in counts:
            raise InputError(
                f"counts {path}: {row.name!r} is counted twice at {row.begin_s:g} s of {day!r}; "
                "keep one"
            )
        counts[key] = row.vehicles
    names = list(dict.fromkeys(name for name, _ in counts))
    times_s = sorted({time_s for _, time_s in counts})
    step_s = _step_s(path, day, times_s, rows)
    for name in names:
        gap = next((t for t in times_s if (name, t) not in counts), None)
        if gap is not None:
            raise InputError(
                f"counts {path}: {name!r} has no count at {gap:g} s of {day!r}; give one, "
                "0 if nobody came"
            )
    each = interval_s / step_s
    if each < 1 or each != int(each) or len(times_s) % int(each):
        raise InputError(
            f"counts {path}: {len(times_s)} intervals of {step_s:g} s do not make up whole "
            f"intervals of {interval_s:g} s; choose another interval"
        )
    table = np.array([[counts[name, t] for name in names] for t in times_s])
    added = table.reshape(-1, int(each), len(names)).sum(axis=1)
    try:
        return DayFlows(
            name=day,
            names=tuple(names),
            flow_vph=added * 3600 / interval_s,
            begin_s=times_s[0],
            interval_s=interval_s,
        )
    except ValueError as error:
        raise InputError(f"counts {path}: {error}") from error


def _step_s(path: Path, day: str, times_s: list[float], rows: Iterable[_Count]) -> float:
    """Length of the file's intervals [s]."""
    steps = set(np.diff(times_s).tolist()) or {
        row.length_s for row in rows if row.length_s is not None
    }
    if len(steps) != 1:
        raise InputError(
            f"counts {path}: the intervals of {day!r} are not all of one length; "
            "give one count for every interval"
        )
    return float(steps.pop())
