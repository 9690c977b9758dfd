"""Pure types and rules: stages, transitions, context, commands, score. No I/O, no Temporal."""
