"""What every evaluator offers, so that optimisers need not know which one they were given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from types import TracebackType
    from typing import Self

    from signalopt.evaluation.result import Evaluation
    from signalopt.model.plan import PlanSet


class Evaluator(Protocol):
    """Says what plans are worth; a context manager that frees its resources at the end."""

    def evaluate(self, plan: PlanSet, seeds: Iterable[int]) -> Evaluation:
        """Evaluate one plan set, one run per seed."""
        ...

    def evaluate_many(self, plans: Sequence[PlanSet], seeds: Iterable[int]) -> list[Evaluation]:
        """Evaluate several plan sets with the same seeds, in parallel where possible.

        The results come in the order of the plans and do not depend on timing or on the number
        of workers.
        """
        ...

    def close(self) -> None:
        """Free what the evaluator holds; closing twice does no harm."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
        /,
    ) -> None: ...


def require_seeds(seeds: Iterable[int]) -> list[int]:
    """The seeds as a list.

    Raises
    ------
    ValueError
        If there is none, one is negative, or one comes twice.
    """
    numbers = [int(seed) for seed in seeds]
    if not numbers:
        raise ValueError("seeds is empty; give at least one seed")
    if len(set(numbers)) < len(numbers):
        raise ValueError(f"seeds are {numbers}; give each seed once")
    if min(numbers) < 0:
        raise ValueError(f"seeds are {numbers}; they must not be negative")
    return numbers
