"""Independent ears, in an environment of their own."""
