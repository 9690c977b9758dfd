"""The grammar of prompts: one module for each kind of fact, all reading the same script."""
