"""Upstream and tfc dialects."""
