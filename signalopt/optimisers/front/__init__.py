"""The front between several goals: searched in the fast model, proven in the simulation."""
