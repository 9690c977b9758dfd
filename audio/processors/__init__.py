"""Processors of sound: each module has one kind, each function takes `(frames, 2)` and gives the same shape."""
