"""Pictures of notebook 07, one idea a module."""
