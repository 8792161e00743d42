"""Complete signal programs from netconvert's stages: yellow, all-red, crossing clearance."""

from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ET
from collections import defaultdict
from dataclasses import dataclass, field

WALKING_SPEED_MPS = 1.2
YELLOW_S = 3
MIN_CLEARANCE_S = 1
GREEN = frozenset("Gg")

Step = tuple[int, str]
"""Duration [s] and state."""


@dataclass(slots=True)
class _Links:
    """What the link indices of one signal stand for."""

    crossing_m: dict[int, float] = field(default_factory=dict)
    lanes: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))


def _read_links(root: ET.Element) -> dict[str, _Links]:
    crossing_m = {
        edge.get("id", ""): float(lane.get("length", "0"))
        for edge in root.iterfind("edge[@function='crossing']")
        for lane in edge.iterfind("lane")
    }
    links: dict[str, _Links] = defaultdict(_Links)
    for connection in root.iterfind("connection[@tl]"):
        signal, index = links[connection.get("tl", "")], int(connection.get("linkIndex", "-1"))
        target = connection.get("to", "")
        if target in crossing_m:
            signal.crossing_m[index] = crossing_m[target]
        else:
            lane = f"{connection.get('from')}_{connection.get('fromLane')}"
            signal.lanes[lane].append(index)
    return links


def _one_colour_per_lane(state: str, links: _Links) -> str:
    """Return the state with a lane red as a whole where one of its movements is red."""
    colours = list(state)
    for indices in links.lanes.values():
        if any(state[index] not in GREEN for index in indices):
            for index in indices:
                colours[index] = "r"
    return "".join(colours)


def _clearance_s(before: str, state: str, links: _Links, all_red_s: int) -> int:
    """Return the walking time [s] left before yellow for crossings that just ended."""
    ended = [
        length_m
        for index, length_m in links.crossing_m.items()
        if before[index] in GREEN and state[index] not in GREEN
    ]
    walking_s = max((length_m / WALKING_SPEED_MPS for length_m in ended), default=0.0)
    return max(math.ceil(walking_s) - YELLOW_S - all_red_s, MIN_CLEARANCE_S)


def _complete(steps: list[Step], links: _Links, all_red_s: int) -> list[Step]:
    vehicles = sorted(index for indices in links.lanes.values() for index in indices)
    greens = [
        (duration, _one_colour_per_lane(state, links))
        for duration, state in steps
        if "y" not in state and set(state) & GREEN
    ]
    done: list[Step] = []
    for number, (duration, state) in enumerate(greens):
        before, after = greens[number - 1][1], greens[(number + 1) % len(greens)][1]
        if all(before[index] == state[index] for index in vehicles):
            done.append((_clearance_s(before, state, links, all_red_s), state))
        else:
            done.append((duration, state))
        if all(after[index] == state[index] for index in vehicles):
            continue
        yellow, all_red = list(state), list(state)
        for index in range(len(state)):
            if after[index] not in GREEN or state[index] not in GREEN:
                all_red[index] = "r"
                ends = index in vehicles and state[index] in GREEN
                yellow[index] = "y" if ends else "r"
        done.append((YELLOW_S, "".join(yellow)))
        done.append((all_red_s, "".join(all_red)))
    return done


def complete_programs(text: str, *, all_red_s: int) -> str:
    """Return the text of a net file with completed signal programs.

    The stages and their order are netconvert's. All movements of a lane get one colour, every
    green ends with yellow and all-red before the next stage, and every crossing clears at
    1.2 m/s before traffic that conflicts with it starts.

    Parameters
    ----------
    text
        Content of a net file built by netconvert.
    all_red_s
        Duration of the all-red steps [s].
    """
    links = _read_links(ET.fromstring(text))

    def rewrite(match: re.Match[str]) -> str:
        head, signal, body, tail = match.groups()
        found = re.findall(r'duration="(\d+)"\s+state="([^"]+)"', body)
        steps = [(int(duration), state) for duration, state in found]
        lines = "".join(
            f'        <phase duration="{duration}" state="{state}"/>\n'
            for duration, state in _complete(steps, links[signal], all_red_s)
        )
        return f"{head}\n{lines}{tail}"

    pattern = r'(<tlLogic id="([^"]+)"[^>]*>)\n(.*?)(    </tlLogic>)'
    return re.sub(pattern, rewrite, text, flags=re.DOTALL)
