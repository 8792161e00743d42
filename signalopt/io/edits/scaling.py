"""More or less demand, in proportion."""

from __future__ import annotations

import copy
import math
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from signalopt.errors import InputError
from signalopt.io.edits.travellers import TRAVELLERS, Book
from signalopt.io.sumo_types import number
from signalopt.io.times import seconds
from signalopt.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from xml.etree import ElementTree as ET

    from signalopt.io.edits.folder import XmlFile

COPY_WITHIN_S = 60.0
"""An added traveller departs at most so long after the one that it resembles [s]."""
_RATES = ("vehsPerHour", "perHour", "probability")


def scale_files(
    files: Sequence[XmlFile],
    factor: float,
    *,
    origins: Collection[str] | None,
    classes: Collection[str] | None,
) -> int:
    """Multiply the travellers in some files; the files change in place.

    Single travellers are repeated or left out evenly, in the order of class, origin, destination
    and departure, so that each class, pair of places and time of day grows alike; flows change
    their rate. Vehicles of a line keep their timetable unless `classes` names theirs; so does
    who rides on a vehicle.

    Parameters
    ----------
    files
        All files that SUMO reads, since types and routes may be defined in any.
    factor
        At least 0.
    origins
        First edges (or junctions, or districts) of who is meant; None for everyone.
    classes
        Vehicle classes, ``"pedestrian"`` for who walks; None for all.

    Returns
    -------
    int
        How many travellers and flows are meant.

    Raises
    ------
    InputError
        If a flow cannot be scaled.
    """
    book = Book.of(files)
    everyone = [(f, e) for f in files for e in f.root if e.tag in TRAVELLERS]

    def is_meant(element: ET.Element) -> bool:
        own = book.class_of(element)
        wanted = own != "" and not element.get("line") if classes is None else own in classes
        return wanted and (origins is None or book.ends(element)[0] in origins)

    meant = [(f, e) for f, e in everyone if is_meant(e)]
    taken = Counter(e.get("id", "") for _, e in everyone)
    single: dict[tuple[str, ...], list[tuple[float, XmlFile, ET.Element]]] = defaultdict(list)
    for file, element in meant:
        where = f"{file.path}: {element.tag} {element.get('id', '')!r}"
        if element.tag.lower().endswith("flow"):
            _scale_flow(element, factor, where)
            continue
        depart_s = seconds(element.get("depart"), where, "depart", allow_words=True)
        if depart_s is not None:
            single[element.tag[:1], book.class_of(element), *book.ends(element)].append(
                (depart_s, file, element)
            )
    _repeat(single, factor, taken)
    for file in files:
        if any(e.tag in TRAVELLERS for e in file.root):
            _sort(file.root)
    return len(meant)


def require_someone(
    files: Sequence[XmlFile],
    *,
    origins: Collection[str] | None,
    classes: Collection[str] | None,
) -> None:
    """Refuse origins and classes that nobody in any of the files has.

    Raises
    ------
    InputError
        If there is one; with the nearest that somebody has.
    """
    book = Book.of(files)
    everyone = [e for f in files for e in f.root if e.tag in TRAVELLERS]
    _require_known(origins, {book.ends(e)[0] for e in everyone}, "starts at")
    _require_known(classes, {book.class_of(e) for e in everyone} - {""}, "is of class")


def _require_known(given: Iterable[str] | None, known: Collection[str], verb: str) -> None:
    for name in given or ():
        if name not in known:
            some = ", ".join(sorted(known)[:8])
            hint = did_you_mean(name, known, f"there are {some}")
            raise InputError(f"nobody in the demand {verb} {name!r}; {hint}")


def _repeat(
    single: dict[tuple[str, ...], list[tuple[float, XmlFile, ET.Element]]],
    factor: float,
    taken: Counter[str],
) -> None:
    """Take every traveller as often as an even pace over all of them says."""
    position = {"v": 0, "t": 0, "p": 0}
    for key in sorted(single):
        travellers = sorted(single[key], key=lambda t: t[0])
        followers = [t[0] for t in travellers[1:]] + [travellers[-1][0]]
        for (depart_s, file, element), next_s in zip(travellers, followers, strict=True):
            k = position[key[0]]
            position[key[0]] = k + 1
            times = math.floor((k + 1) * factor + 0.5) - math.floor(k * factor + 0.5)
            if times == 0:
                file.root.remove(element)
            pause_s = min(next_s - depart_s, COPY_WITHIN_S) / max(times, 1)
            for number_ in range(1, times):
                twin = copy.deepcopy(element)
                twin.set("id", _new_id(element.get("id", ""), taken))
                twin.set("depart", f"{depart_s + number_ * pause_s:.2f}")
                file.root.append(twin)


def _new_id(like: str, taken: Counter[str]) -> str:
    number_ = 2
    while (name := f"{like}+{number_}") in taken:
        number_ += 1
    taken[name] += 1
    return name


def _scale_flow(element: ET.Element, factor: float, where: str) -> None:
    if factor == 0:
        element.set("number", "0")
        for key in (*_RATES, "period"):
            element.attrib.pop(key, None)
        return
    if "number" in element.attrib:
        element.set("number", str(math.floor(number(element, "number", where, 0) * factor + 0.5)))
    for key in _RATES:
        if key in element.attrib:
            rate = number(element, key, where, 0.0) * factor
            if key == "probability" and rate > 1:
                raise InputError(
                    f"{where}: {factor:g} times its probability is {rate:g} a second, more than 1; "
                    "write it as several flows or with vehsPerHour"
                )
            element.set(key, f"{rate:.10g}")
    period = element.get("period", "")
    if period.startswith("exp("):
        rate = float(period.removeprefix("exp(").rstrip(") ")) * factor
        element.set("period", f"exp({rate:.10g})")
    elif period:
        element.set("period", f"{number(element, 'period', where, 0.0) / factor:.10g}")


def _sort(root: ET.Element) -> None:
    """Definitions first, then travellers by departure, as SUMO requires of route files."""

    def depart_s(element: ET.Element) -> float:
        text = element.get("begin" if element.tag.lower().endswith("flow") else "depart", "0")
        return seconds(text, "demand", "depart", allow_words=True) or 0.0

    travellers = [e for e in root if e.tag in TRAVELLERS]
    others = [e for e in root if e.tag not in TRAVELLERS]
    root[:] = [*others, *sorted(travellers, key=depart_s)]
