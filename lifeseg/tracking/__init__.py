"""Runs and their baselines, kept in a database."""
