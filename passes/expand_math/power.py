"""rsqrt, cbrt, powf, fpowi, ipowi."""

from __future__ import annotations

from tfc.passes.expand_math.emitter import Emitter, Value


def rsqrt(e: Emitter, x: Value) -> Value:
    """1 / sqrt(x)."""
    return 1.0 / x.sqrt()
