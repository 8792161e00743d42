"""Safety times of netconvert's signal programs: all-red after every yellow, crossing clearance."""

from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ET
from collections import defaultdict

WALKING_SPEED_MPS = 1.2
YELLOW_S = 3


def _crossings(root: ET.Element) -> dict[str, dict[int, float]]:
    """Return the length [m] of every signalised crossing by signal and link index."""
    lengths = {
        edge.get("id", ""): float(lane.get("length", "0"))
        for edge in root.iterfind("edge[@function='crossing']")
        for lane in edge.iterfind("lane")
    }
    found: dict[str, dict[int, float]] = defaultdict(dict)
    for connection in root.iterfind("connection[@tl]"):
        length = lengths.get(connection.get("to", ""))
        if length is not None:
            found[connection.get("tl", "")][int(connection.get("linkIndex", "-1"))] = length
    return found


def _clearance_s(before: str, state: str, crossings: dict[int, float], all_red_s: int) -> int:
    """Return the walking time [s] left after yellow and all-red for crossings that just ended."""
    ended = [
        length
        for index, length in crossings.items()
        if before[index] == "G" and state[index] == "r"
    ]
    need = max((length / WALKING_SPEED_MPS for length in ended), default=0.0)
    return max(math.ceil(need) - YELLOW_S - all_red_s, 1)


def _safe_steps(
    steps: list[tuple[int, str]], crossings: dict[int, float], all_red_s: int
) -> list[tuple[int, str]]:
    safe: list[tuple[int, str]] = []
    for number, (duration, state) in enumerate(steps):
        before = steps[number - 1][1]
        following = steps[(number + 1) % len(steps)][1]
        vehicles = [k for k in range(len(state)) if k not in crossings]
        only_crossings_end = before != state and all(before[k] == state[k] for k in vehicles)
        if only_crossings_end:
            safe.append((_clearance_s(before, state, crossings, all_red_s), state))
            continue
        safe.append((duration, state))
        if "y" in state and set(following) & {"G", "g"}:
            # What stays green through the change keeps its colour; the rest is red.
            pairs = zip(state, following, strict=True)
            kept = "".join(a if a in "Gg" and b in "Gg" else "r" for a, b in pairs)
            safe.append((all_red_s, kept))
    return safe


def secure_programs(text: str, *, all_red_s: int) -> str:
    """Return the text of a net file with completed signal programs.

    Parameters
    ----------
    text
        Content of a net file built by netconvert.
    all_red_s
        Duration of the all-red steps [s].

    Returns
    -------
    str
        The same file; after every yellow there is an all-red step before a conflicting green,
        and every crossing clears at 1.2 m/s before traffic that conflicts with it starts.
    """
    crossings = _crossings(ET.fromstring(text))

    def rewrite(match: re.Match[str]) -> str:
        head, body, tail = match.group(1), match.group(3), match.group(4)
        found = re.findall(r'duration="(\d+)"\s+state="([^"]+)"', body)
        steps = [(int(duration), state) for duration, state in found]
        lines = "".join(
            f'        <phase duration="{duration}" state="{state}"/>\n'
            for duration, state in _safe_steps(steps, crossings.get(match.group(2), {}), all_red_s)
        )
        return f"{head}\n{lines}{tail}"

    pattern = r'(<tlLogic id="([^"]+)"[^>]*>)\n(.*?)(    </tlLogic>)'
    return re.sub(pattern, rewrite, text, flags=re.DOTALL)
