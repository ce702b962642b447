"""The patterns of `canonicalize`, one module for each dialect.

A module has `PATTERNS`: op class to the functions that simplify it. `canonicalize` loads a module
when the program has ops of its dialect.
"""
