"""The function library and the exact arithmetic under it."""
