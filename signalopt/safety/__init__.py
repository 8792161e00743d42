"""What makes a plan safe: limits, computed transitions, and the rules that guard export.

This floor stands on the model and on theory. The rules do not live in ``model`` because the
limits need published formulas, and the optimisers must not be able to bend them.
"""
