"""Pictures of notebook 01, one idea a module."""
