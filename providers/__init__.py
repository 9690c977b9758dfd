"""One adapter for each outside provider, the built-in engine among them, and the router: the Providers issue."""
