"""Short names of signal groups, as engineers call movements: EB left, WB through."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from signalopt.model.movement import Turn

if TYPE_CHECKING:
    from signalopt.model.network import Signal

_TURN_WORDS: Final = {
    Turn.STRAIGHT: "through",
    Turn.PARTIAL_LEFT: "left",
    Turn.PARTIAL_RIGHT: "right",
}
_ARM_OF_BOUND: Final = {"NB": "south", "EB": "west", "SB": "north", "WB": "east"}


def group_names(signal: Signal) -> list[str]:
    """A name for each signal group, by what it releases.

    Parameters
    ----------
    signal
        The signal.

    Returns
    -------
    list of str
        In group order: direction of travel and turn (``EB left``), the arm that a pedestrian
        crossing leads across (``on foot, north arm``), or ``unused``.
    """
    return [_name(signal, group) for group in range(signal.group_count)]


def _name(signal: Signal, group: int) -> str:
    crossing = signal.crossing_of(group)
    if crossing is not None:
        arms = {
            _ARM_OF_BOUND[a.bound]
            for a in signal.approaches
            if a.edge_id in crossing.crossed_edges and a.junction_id == crossing.junction_id
        }
        return f"on foot, {' and '.join(sorted(arms))} arm" if arms else "on foot"
    words: dict[str, list[str]] = {}
    for approach in signal.approaches:
        for movement in approach.movements:
            if group in movement.groups:
                word = _TURN_WORDS.get(movement.turn, movement.turn.value)
                turns = words.setdefault(approach.bound, [])
                if word not in turns:
                    turns.append(word)
    return " and ".join(f"{bound} {', '.join(turns)}" for bound, turns in words.items()) or "unused"
