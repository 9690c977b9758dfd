"""Every side effect a workflow asks for; one module for each stage, thin."""
