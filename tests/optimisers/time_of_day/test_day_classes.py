import numpy as np
import pytest

from signalopt.model.day import DayFlows
from signalopt.optimisers.time_of_day.day_classes import day_classes, silhouette


def week(seed=1, noise=0.1):
    rng = np.random.default_rng(seed)
    hours = np.arange(24)
    shapes = {
        "weekday": 200
        + 800 * np.exp(-((hours - 8) ** 2) / 4)
        + 700 * np.exp(-((hours - 17) ** 2) / 6),
        "weekend": 150 + 500 * np.exp(-((hours - 13) ** 2) / 20),
    }
    days = []
    for k in range(14):
        kind = "weekend" if k % 7 in (5, 6) else "weekday"
        table = shapes[kind][:, None] * (1 + noise * rng.normal(size=(24, 3)))
        days.append(
            DayFlows(name=f"{kind} {k}", names=("a", "b", "c"), flow_vph=table, interval_s=3600)
        )
    return days


def test_weekdays_and_weekends_fall_apart():
    found = day_classes(week())
    assert [{d.name.split()[0] for d in c} for c in found] == [{"weekday"}, {"weekend"}]
    assert [len(c) for c in found] == [10, 4]


def test_like_days_stay_together():
    weekdays = [d for d in week() if d.name.startswith("weekday")]
    assert [len(c) for c in day_classes(weekdays)] == [10]


def test_as_many_classes_as_asked():
    assert len(day_classes(week(), classes=3)) == 3
    assert len(day_classes(week(), classes=1)) == 1
    with pytest.raises(ValueError, match="ask for fewer"):
        day_classes(week()[:2], classes=3)


def test_silhouette_of_four_points():
    """By hand: a point at 0 with its fellow at 1, the others at 10 and 11, has 1 - 1 / 10.5."""
    points = np.array([[0.0], [1.0], [10.0], [11.0]])
    outer, inner = 1 - 1 / 10.5, 1 - 1 / 9.5
    assert silhouette(points, np.array([1, 1, 2, 2])) == pytest.approx((outer + inner) / 2)
