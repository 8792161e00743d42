"""Telling demand files from other additional files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signalopt.io.times import seconds
from signalopt.io.xml import elements

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_TRAVELLERS = {"vehicle": "depart", "trip": "depart", "flow": "begin", "person": "depart"}


def demand_apart(
    routes: Sequence[Path], additional: Sequence[Path]
) -> tuple[tuple[Path, ...], tuple[Path, ...]]:
    """Take files that hold nothing but travellers out of the additional files.

    SUMO accepts vehicles in either kind of file, but loads additional files whole and first, so
    that the same demand drives differently, within the noise of random seeds, depending on how
    the files were named. Here demand is demand: such files follow the route files, if they are
    sorted by departure as SUMO requires of these.

    Parameters
    ----------
    routes, additional
        Files in the order that SUMO was to load them.

    Returns
    -------
    tuple of tuple
        The route files and the other additional files.
    """
    moved = [path for path in additional if _only_travellers(path)]
    return (*routes, *moved), tuple(path for path in additional if path not in moved)


def _only_travellers(path: Path) -> bool:
    last_s, some = float("-inf"), False
    for element in elements(path, what="additional file"):
        key = _TRAVELLERS.get(element.tag)
        if key is None or element.get("route") is not None:
            return False  # something else, or in need of a route defined elsewhere
        where = f"{path}: {element.tag} {element.get('id', '')!r}"
        depart_s = seconds(element.get(key, "0"), where, key, allow_words=True)
        if depart_s is None or depart_s < last_s:
            return False
        last_s, some = depart_s, True
    return some
