"""The solver's traps: none may pass for "there is no band"."""

import ctypes
from types import SimpleNamespace

import numpy as np
import pytest

from signalopt.optimisers.bandwidth import Arterial, Status, maxband, network_of, path_bands
from signalopt.optimisers.bandwidth import solve as solving
from signalopt.optimisers.bandwidth.program import Program
from signalopt.optimisers.bandwidth.quiet import quiet_stdout
from signalopt.optimisers.bandwidth.solve import maximise, violation


def knapsack():
    """Maximise 5 a + 4 b + 3 c: 2 a + 3 b + c <= 5, 4 a + b + 2 c <= 11, all whole: 15."""
    program = Program()
    x = program.variables(3, low=0, high=10, integer=True)
    program.rows([], sums=[(x[None], [[2, 3, 1]])], high=5)
    program.rows([], sums=[(x[None], [[4, 1, 2]])], high=11)
    return program, program.objective([(x, [5, 4, 3])])


def answer(**fields):
    return SimpleNamespace(message="told so", x=None, fun=None, mip_dual_bound=None, **fields)


def test_a_small_programme():
    found = maximise(*knapsack())
    assert found.status is Status.OPTIMAL
    assert found.objective == found.bound == 15
    assert found.values.tolist() == [0, 0, 5]
    assert found.gap == 0


def test_coincident_bounds_are_constants(monkeypatch):
    """HiGHS may end in a solve error on them, so it never sees them."""
    seen = []
    real = solving.milp

    def watch(c, **options):
        seen.append(options["bounds"])
        return real(c, **options)

    monkeypatch.setattr(solving, "milp", watch)
    program, objective = knapsack()
    program.rows([(program.variables((), low=7, high=7 + 1e-12), 1.0)], low=0)
    found = maximise(program, np.append(objective, 100.0))
    assert found.objective == pytest.approx(715)
    assert all((b.ub - b.lb > 1e-9).all() for b in seen)


def test_a_road_with_one_cycle_and_one_speed_is_solved(roads):
    assert maxband(roads.five_signals((80, 80), (50, 50))).status is Status.OPTIMAL


@pytest.mark.parametrize("width", [0, 1e-12, 1e-9, 1e-7, 1e-5])
def test_nearly_coincident_ranges_are_solved(roads, width):
    arterial = roads.five_signals((80, 80 + width), (50, 50 + width))
    bands = maxband(arterial)
    assert bands.status is Status.OPTIMAL
    assert bands.bandwidth_ratio == pytest.approx(0.25, abs=1e-4)


def test_constants_that_break_a_row_are_infeasible():
    program = Program()
    program.rows([(program.variables(2, low=1, high=1), 1.0)], high=0)
    assert maximise(program, np.zeros(2)).status is Status.INFEASIBLE


def test_bounds_that_exclude_each_other_are_infeasible():
    program = Program()
    program.variables((), low=0.2, high=0.8, integer=True)
    assert maximise(program, np.ones(1)).status is Status.INFEASIBLE


def test_all_constants_need_no_solver():
    program = Program()
    program.variables(2, low=3, high=3)
    found = maximise(program, np.array([1.0, 2.0]))
    assert (found.status, found.objective) == (Status.OPTIMAL, 9.0)


def test_a_solve_error_is_asked_again_without_presolve(monkeypatch):
    real = solving.milp

    def stumble(c, *, options, **more):
        return answer(status=4) if options["presolve"] else real(c, options=options, **more)

    monkeypatch.setattr(solving, "milp", stumble)
    found = maximise(*knapsack())
    assert found.objective == 15


def test_a_wrong_verdict_of_presolve_is_overruled(monkeypatch):
    real = solving.milp

    def presolve_lies(c, *, options, **more):
        return answer(status=2) if options["presolve"] else real(c, options=options, **more)

    monkeypatch.setattr(solving, "milp", presolve_lies)
    found = maximise(*knapsack())
    assert (found.status, found.objective) == (Status.OPTIMAL, 15)


def test_no_solution_is_a_failure_not_an_empty_band(roads, monkeypatch):
    monkeypatch.setattr(solving, "milp", lambda *_, **__: answer(status=4))
    assert maximise(*knapsack()).status is Status.FAILED
    bands = maxband(roads.five_signals((60, 120), (45, 55)))
    assert bands.status is Status.FAILED
    assert np.isnan(bands.bandwidth_ratio).all()
    assert np.isnan(bands.objective)
    assert 0.84180 <= bands.bound < 2  # what is known without the solver still holds
    assert "failed" in repr(bands)


def test_time_without_a_solution_is_a_failure(monkeypatch):
    late = SimpleNamespace(status=1, x=None, fun=None, mip_dual_bound=-20.0, message="time")
    monkeypatch.setattr(solving, "milp", lambda *_, **__: late)
    found = maximise(*knapsack(), time_limit_s=1e-9)
    assert (found.status, found.bound) == (Status.FAILED, 20.0)
    assert np.isnan(found.gap)


def test_time_with_a_solution_gives_the_bound_and_gap(monkeypatch):
    late = SimpleNamespace(
        status=1, x=np.array([1.0, 1.0, 0.0]), fun=-9.0, mip_dual_bound=-16.0, message="time"
    )
    monkeypatch.setattr(solving, "milp", lambda *_, **__: late)
    found = maximise(*knapsack())
    assert (found.status, found.objective, found.bound) == (Status.FEASIBLE, 9.0, 16.0)
    assert found.gap == pytest.approx(7 / 16)


def test_a_solution_that_breaks_a_row_is_a_failure(monkeypatch):
    wrong = SimpleNamespace(
        status=0, x=np.array([2.0, 2.0, 2.0]), fun=-24.0, mip_dual_bound=-24.0, message="ok"
    )
    monkeypatch.setattr(solving, "milp", lambda *_, **__: wrong)
    found = maximise(*knapsack())
    assert found.status is Status.FAILED
    assert "breaks a row by 7" in found.message


def test_whole_numbers_are_rounded_and_the_rest_follows(monkeypatch):
    """With a big coefficient, a whole variable that is a little off makes room for a lot."""
    real = solving.milp

    def slightly_off(c, *, integrality, **more):
        result = real(c, integrality=integrality, **more)
        return SimpleNamespace(**(dict(result) | {"x": result.x - 4e-7 * integrality}))

    monkeypatch.setattr(solving, "milp", slightly_off)
    program = Program()
    switch = program.variables((), low=0, high=1, integer=True)
    amount = program.variables((), low=0, high=1e6)
    program.rows([(amount, 1.0), (switch, -1e6)], high=0)
    found = maximise(program, program.objective([(amount, 1e-6), (switch, -0.5)]))
    assert found.values.tolist() == [1.0, 1e6]


def test_infeasible_is_proven_not_guessed(roads):
    """The queue takes more than the green of a signal."""
    clearance = np.zeros((2, 5))
    clearance[0, 2] = 0.6
    arterial = roads.five_signals(80, 50, queue_clearance=clearance)
    bands = maxband(arterial, strict_clearance=True)
    assert bands.status is Status.INFEASIBLE
    assert "signal 2" in bands.message
    assert (bands.pattern == -1).all()


def test_a_road_on_which_not_even_one_vehicle_each_way_passes():
    """Greens of a few hundredths of the cycle cannot be met both ways at fixed travel times."""
    arterial = Arterial(
        distance_m=[300, 450],
        start=np.zeros((2, 3, 1)),
        green=np.full((2, 3, 1), 0.02),
        min_cycle_s=80,
        max_cycle_s=80,
        min_speed_mps=12,
        max_speed_mps=12,
    )
    bands = maxband(arterial)
    assert bands.status is Status.INFEASIBLE
    assert np.isnan(bands.bound)


def test_what_a_library_prints_does_not_reach_standard_output(capfd):
    libc = ctypes.CDLL(None)
    libc.printf(b"before\n")
    with quiet_stdout(), quiet_stdout():
        libc.printf(b"stray\n")
        print("also python's")
    libc.printf(b"after\n")
    libc.fflush(None)
    out, err = capfd.readouterr()
    assert "before" in out
    assert "after" in out
    assert "stray" not in out
    assert "stray" in err


def test_violation_is_the_worst_of_rows_and_bounds():
    program, _ = knapsack()
    arrays = program.arrays()
    assert violation(arrays, np.array([2.0, 0, 1])) == 0
    assert violation(arrays, np.array([0.0, 2, 0])) == 1
    assert violation(arrays, np.array([-3.0, 0, 0])) == 3


def test_coefficients_of_one_place_add_up():
    program = Program()
    x = program.variables(2)
    program.rows([(x, 1.0), (x, 2.0), (x[0], 0.5)], low=0)
    assert program.arrays().matrix.toarray().tolist() == [[3.5, 0], [0.5, 3]]
    assert program.objective([(x, 1.0), (x[1], 1.0)]).tolist() == [1, 2]


def test_the_best_plan_is_not_lost_in_presolve():
    """With presolve, HiGHS has called bands of 4 s best where 7 s are possible, and bounded by them."""
    green = np.array([43, 10, 20]) / 80
    road = Arterial(
        distance_m=400.0,
        start=np.zeros((2, 3, 1)),
        green=np.stack([green, green])[:, :, None],
        min_cycle_s=80,
        max_cycle_s=80,
        min_speed_mps=12.5,
        max_speed_mps=12.5,
    )
    assert path_bands(network_of(road)).bandwidth_s == pytest.approx([7, 7], abs=1e-3)
    assert maxband(road).bandwidth_s == pytest.approx(7, abs=1e-3)
