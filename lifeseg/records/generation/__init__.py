"""A checked model comes in; synthetic records of every entity go out, as files: any number, the same for a
seed.
"""
