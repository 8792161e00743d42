"""How the figures of a change are written in one language."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from signalopt.reporting.change import Change
    from signalopt.reporting.texts import Texts


class Figures:
    """Writes the figures of changes.

    Parameters
    ----------
    texts
        The language.
    confidence
        That of all intervals, 0 to 1.
    """

    def __init__(self, texts: Texts, confidence: float) -> None:
        self._texts = texts
        self._confidence = confidence

    def figure(self, change: Change, name: str, *, unit: bool = False) -> str:
        """One figure of a change as it is written: ``before``, ``after``, ``difference`` ..."""
        value = getattr(change, name)
        look = change.look
        signed = name in ("difference", "low", "high")
        text = self._texts.number(
            None if value is None else value * look.factor, look.digits, signed=signed
        )
        return f"{text}\N{NO-BREAK SPACE}{self._texts(f'unit.{look.unit}')}" if unit else text

    def interval(self, change: Change) -> str:
        """The confidence interval of a difference."""
        if change.low is None or change.high is None:
            return self._texts.number(None)
        return f"{self.figure(change, 'low')} … {self.figure(change, 'high')}"

    @property
    def confidence(self) -> str:
        """The confidence of all intervals."""
        return self._texts.percent(self._confidence, 0).lstrip("+")
