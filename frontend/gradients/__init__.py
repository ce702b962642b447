"""Gradient rules, one module per family of ops, and the tape that applies them."""
