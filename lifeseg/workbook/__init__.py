"""Tables, weights and parameters of a policy as sheets of a workbook, and back into its text."""
