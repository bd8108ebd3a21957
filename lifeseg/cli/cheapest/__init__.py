"""The cheapest changes, told: of one record, and of many as a work list."""
