"""What is a plan worth? One result type, several engines.

Import from the modules: ``result`` (`Evaluation`), ``base`` (the `Evaluator` protocol), ``sumo``
(`SumoEvaluator`). This package imports nothing by itself, so that the processes that run SUMO
start fast.
"""
