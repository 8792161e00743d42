"""Scenarios with something changed: more demand, a banned turn, a bus lane, a rebuilt junction."""
