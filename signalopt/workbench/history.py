"""Undo and redo over whole plan sets, where one drag is one step."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable

    from signalopt.model.plan import PlanSet

ONE_DRAG_S = 1.0
"""Changes of the same control that follow each other within this time are one step [s]."""
MOST_STEPS = 200


@dataclass(frozen=True, kw_only=True, eq=False)
class History:
    """Plan sets, in the order in which they were on screen.

    Attributes
    ----------
    present
        The one on screen.
    past, future
        What undo and redo bring back, the next one last.
    control, at_s
        What made the last change, and when by any clock [s].
    """

    present: PlanSet
    past: tuple[PlanSet, ...] = ()
    future: tuple[PlanSet, ...] = ()
    control: Hashable = None
    at_s: float = 0.0

    def changed(self, plan: PlanSet, *, control: Hashable, at_s: float) -> History:
        """After a change; it joins the last one if the same control made it just before."""
        joins = control is not None and control == self.control and at_s - self.at_s < ONE_DRAG_S
        past = self.past if joins else (*self.past, self.present)[-MOST_STEPS:]
        return History(present=plan, past=past, control=control, at_s=at_s)

    def undone(self) -> History:
        """One step back, if there is one."""
        if not self.past:
            return self
        return replace(
            self,
            present=self.past[-1],
            past=self.past[:-1],
            future=(*self.future, self.present),
            control=None,
        )

    def redone(self) -> History:
        """One step forward, if there is one."""
        if not self.future:
            return self
        return replace(
            self,
            present=self.future[-1],
            past=(*self.past, self.present),
            future=self.future[:-1],
            control=None,
        )
