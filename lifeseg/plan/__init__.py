"""Checked model to relational plan: what to compute, in which passes, without saying on which engine."""
