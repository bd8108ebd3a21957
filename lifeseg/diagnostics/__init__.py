"""Findings: what they are, what they say, and how they are shown."""
