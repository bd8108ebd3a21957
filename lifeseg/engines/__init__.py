"""Plans to rows: one file for each engine, what they share in writer.py, and nothing of policies."""
