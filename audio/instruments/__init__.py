"""The built-in instruments: one module for each way of making sound, tables for how each one is set."""
