"""Pictures of notebook 04, one idea a module."""
