"""Data files to typed records, results to files."""
