"""Traces to explanations that people read."""
