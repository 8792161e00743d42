"""Finding better plans, given something that evaluates them."""
