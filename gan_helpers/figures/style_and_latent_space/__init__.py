"""Pictures of notebook 10: styles, their mixtures, directions, projections and channels."""
