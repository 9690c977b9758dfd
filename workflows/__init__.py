"""Temporal workflows: deterministic, they decide what happens next and nothing else."""
