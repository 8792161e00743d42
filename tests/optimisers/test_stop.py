"""Stop criteria."""

import pytest

from signalopt.optimisers.stop import (
    AnyOf,
    MaxEvaluations,
    MaxRuntime,
    NoImprovement,
    SearchState,
)


def state(*, evaluations=0, runtime_s=0.0, since_improvement=0):
    return SearchState(
        evaluations=evaluations, runtime_s=runtime_s, since_improvement=since_improvement
    )


@pytest.mark.parametrize(
    ("criterion", "before", "after", "reason"),
    [
        (MaxEvaluations(10), state(evaluations=9), state(evaluations=10), "10 plans evaluated"),
        (MaxEvaluations(1), state(), state(evaluations=1), "1 plan evaluated"),
        (MaxEvaluations(0), state(), state(evaluations=1), "1 plan evaluated"),
        (MaxRuntime(2.5), state(runtime_s=2.4), state(runtime_s=2.5), "2.5 s passed"),
        (
            NoImprovement(3),
            state(evaluations=99, since_improvement=2),
            state(evaluations=99, since_improvement=3),
            "no improvement in 3 plans",
        ),
    ],
)
def test_the_moment_and_the_reason(criterion, before, after, reason):
    assert criterion(before) == ""
    assert criterion(after) == reason


@pytest.mark.parametrize(
    ("criterion", "key"),
    [
        (MaxEvaluations(8), "evaluations"),
        (MaxRuntime(8), "runtime_s"),
        (NoImprovement(8), "since_improvement"),
    ],
)
def test_share_done(criterion, key):
    assert [criterion.share_done(state(**{key: n})) for n in (0, 2, 8, 9)] == [0, 0.25, 1, 1]


def test_any_of_stops_with_the_first():
    both = AnyOf(MaxEvaluations(10), MaxRuntime(4))
    assert both(state(evaluations=9, runtime_s=3.9)) == ""
    assert both(state(evaluations=9, runtime_s=4)) == "4 s passed"
    assert both(state(evaluations=10, runtime_s=0)) == "10 plans evaluated"
    assert both.share_done(state(evaluations=5, runtime_s=3)) == 0.75


def test_any_of_nothing_is_refused():
    with pytest.raises(ValueError, match="AnyOf needs at least one criterion"):
        AnyOf()
