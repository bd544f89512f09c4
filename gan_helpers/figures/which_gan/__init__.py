"""Pictures of notebook 06, one idea a module."""
