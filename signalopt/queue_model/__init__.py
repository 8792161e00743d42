"""The compiled lane-queue model: what a plan is worth, in milliseconds instead of minutes.

`signalopt.queue_model.model.QueueModel` is the evaluator. Importing this package compiles and
loads nothing.
"""
