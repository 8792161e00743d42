"""Parts of a search that can be left out, to measure what they contribute."""

from __future__ import annotations

from dataclasses import dataclass

STAGE_CHANGES = ("drop", "swap", "replace", "insert", "merge")
"""What a search does to the stages of a signal; a swap changes their order."""
MOST_STREAMS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Tactics:
    """How a search goes about its task; the defaults are the whole search.

    Attributes
    ----------
    streams
        Driver streams of the fast model that judge a plan, at most.
    stage_changes
        Of `STAGE_CHANGES`, those that are tried.
    race
        Whether the best plans of the search race on seeds of their own; otherwise the best of the
        search is the candidate.
    improve
        Whether differential evolution in the simulation improves plans where the fast model is
        not reliable.
    """

    streams: int = MOST_STREAMS
    stage_changes: tuple[str, ...] = STAGE_CHANGES
    race: bool = True
    improve: bool = True

    def __post_init__(self) -> None:
        if self.streams < 1:
            raise ValueError(f"streams is {self.streams}; it must be at least 1")
        unknown = sorted(set(self.stage_changes) - set(STAGE_CHANGES))
        if unknown:
            raise ValueError(
                f"there is no stage change {unknown[0]!r}; choose among {', '.join(STAGE_CHANGES)}"
            )


WHOLE = Tactics()
"""The whole search."""
