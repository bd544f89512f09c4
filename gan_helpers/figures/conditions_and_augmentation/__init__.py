"""Pictures of notebook 09, one idea a module."""
