"""Trees to a checked model: names, types, units, missing values, logic."""
