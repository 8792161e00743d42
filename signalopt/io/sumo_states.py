"""SUMO's state strings: one letter for what a signal group shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signalopt.model.control import Aspect

if TYPE_CHECKING:
    from signalopt.model.control import Lights

ASPECT_OF_LETTER = {
    "r": Aspect.RED,
    "u": Aspect.RED_YELLOW,
    "y": Aspect.YELLOW,
    "Y": Aspect.YELLOW_PRIORITY,
    "g": Aspect.PERMISSIVE,
    "G": Aspect.GREEN,
    "s": Aspect.STOP_THEN_GO,
    "o": Aspect.FLASHING,
    "O": Aspect.OFF,
}
LETTER_OF_ASPECT = {aspect: letter for letter, aspect in ASPECT_OF_LETTER.items()}
ASPECT_OF_LETTER["R"] = Aspect.RED  # an old spelling


def state_of(lights: Lights) -> str:
    """State string that SUMO uses for the lights of all groups.

    Examples
    --------
    >>> state_of((Aspect.GREEN, Aspect.PERMISSIVE, Aspect.RED))
    'Ggr'
    """
    return "".join(LETTER_OF_ASPECT[aspect] for aspect in lights)


def lights_of(state: str) -> Lights:
    """Lights that a SUMO state string stands for.

    Raises
    ------
    KeyError
        If a letter stands for no aspect.
    """
    return tuple(ASPECT_OF_LETTER[letter] for letter in state)
