"""Pictures of notebook 03, one idea a module."""
