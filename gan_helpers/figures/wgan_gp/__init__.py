"""Pictures of notebook 05, one idea a module."""
