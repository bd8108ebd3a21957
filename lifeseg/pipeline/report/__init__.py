"""A setting comes in; what a page about a run says goes out as plain data."""
