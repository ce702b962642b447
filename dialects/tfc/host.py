"""Calls to the host."""

from __future__ import annotations

from tfc.dialects.tfc.base import TfcOp
from tfc.dialects.tfc.semantics import host as semantics


class HostCallOp(TfcOp):
    """Calls Python function number `function` of this process; kept in order and alive.

    %y = tfc.host_call %x {function = 0 : i64, result_types = [[f32, array<i64: 4>]]} : (tensor<4xf32>) -> tensor<4xf32>
    """

    name = "tfc.host_call"
    spec = semantics.host_call


class PureHostCallOp(TfcOp):
    """As `tfc.host_call`, for a function without side effects: unused ones are dropped, equal ones merged."""

    name = "tfc.pure_host_call"
    spec = semantics.pure_host_call


OPS = (HostCallOp, PureHostCallOp)
