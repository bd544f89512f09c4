"""Pictures of notebook 08, one idea a module."""
