"""Pictures of notebook 11, one idea a module."""
