"""The nouns: frozen dataclasses over networkx and pandas, free of files, solvers and SUMO."""
