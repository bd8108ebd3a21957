"""Every stage once, in order: settings, policy text, checked model, data, results, and what is kept of
them.
"""
