"""Evaluating plans with several demands: all of them with every seed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signalopt.evaluation.base import require_seeds
from signalopt.evaluation.merge import combine
from signalopt.evaluation.result import WeightedEvaluation

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from types import TracebackType
    from typing import Self

    from signalopt.evaluation.base import Evaluator
    from signalopt.evaluation.result import Evaluation
    from signalopt.model.plan import PlanSet


class DemandsEvaluator:
    """Says what plans are worth with several demands.

    Parameters
    ----------
    evaluators
        One for each demand, by its name.
    weights
        How much each demand counts, in the same order.
    """

    def __init__(self, evaluators: Mapping[str, Evaluator], weights: Sequence[float]) -> None:
        self._evaluators = dict(evaluators)
        self._weights = dict(zip(evaluators, weights, strict=True))

    def evaluate(self, plan: PlanSet, seeds: Iterable[int]) -> Evaluation:
        """Evaluate one plan set, one run per demand and seed."""
        return self.evaluate_many([plan], seeds)[0]

    def evaluate_many(self, plans: Sequence[PlanSet], seeds: Iterable[int]) -> list[Evaluation]:
        """Evaluate several plan sets; see `signalopt.evaluation.merge.combine`."""
        numbers = require_seeds(seeds)
        found = {
            name: evaluator.evaluate_many(plans, numbers)
            for name, evaluator in self._evaluators.items()
        }
        return [
            combine(
                {
                    name: WeightedEvaluation(self._weights[name], each[k])
                    for name, each in found.items()
                }
            )
            for k in range(len(plans))
        ]

    def close(self) -> None:
        """Free what the evaluators hold."""
        for evaluator in self._evaluators.values():
            evaluator.close()

    def __enter__(self) -> Self:
        for evaluator in self._evaluators.values():
            evaluator.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for evaluator in self._evaluators.values():
            evaluator.__exit__(kind, error, trace)
