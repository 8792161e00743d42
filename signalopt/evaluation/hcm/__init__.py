"""Control delay, capacity and queues by the Highway Capacity Manual (7th ed., ch. 19 and 31)."""

from signalopt.evaluation.hcm.evaluator import HcmEvaluator, HcmReport

__all__ = ["HcmEvaluator", "HcmReport"]
