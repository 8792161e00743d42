"""A workbench on a road with two signals."""

import pytest

import signalopt as so
from signalopt.workbench.bench import Workbench


@pytest.fixture(scope="session")
def scenario(street):
    return so.load(street)


class Clock:
    """Time that passes when the test says so."""

    def __init__(self):
        self.now_s = 0.0

    def __call__(self):
        return self.now_s


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def bench(scenario, clock):
    with Workbench(scenario, workers=1, clock=clock) as made:
        yield made
