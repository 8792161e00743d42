"""The model against SUMO on the bundled arterial."""

import numpy as np
from scipy.stats import spearmanr

from signalopt.evaluation.sumo import SumoEvaluator

from .test_model import varied


def test_delay_and_ranking_are_those_of_sumo(model, arterial):
    plans = varied(arterial, 10, spread=0.8)  # further apart than the seeds of a short window
    with SumoEvaluator(arterial, detail="network") as sumo:
        runs = sumo.evaluate_many(plans, [1, 2])
    simulated_s = np.array([e.runs["delay_s_per_veh"].mean() for e in runs])
    delay_s, _ = model.objective(plans, [1, 2])
    assert abs(delay_s[0] / simulated_s[0] - 1) < 0.15
    assert spearmanr(simulated_s, delay_s).statistic >= 0.8
