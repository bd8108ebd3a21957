"""The reference meaning: a model and records to values and traces."""
