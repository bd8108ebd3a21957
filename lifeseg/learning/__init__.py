"""Columns of records to policy text that was learnt from them."""
