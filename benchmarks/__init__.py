"""Measurements of the whole system; each has a command of its own and prints what it claims."""
