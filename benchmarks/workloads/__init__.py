"""The workloads, in the order of the table."""

# ruff: noqa: F401, I001

from workload import WORKLOADS
from workloads import (
    elementwise,
    reductions,
    contractions,
    networks,
    loops,
    selection,
)

__all__ = ["WORKLOADS"]
