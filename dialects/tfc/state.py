"""Variables."""

from __future__ import annotations

from tfc.dialects.tfc.base import TfcOp
from tfc.dialects.tfc.semantics import state as semantics


class ReadOp(TfcOp):
    """The value that a variable has at this point of the program.

    %x = tfc.read %v : (!tfc.variable<tensor<3xf32>>) -> tensor<3xf32>
    """

    name = "tfc.read"
    spec = semantics.read


class AssignOp(TfcOp):
    """Give a variable a new value.

    tfc.assign %v, %x : (!tfc.variable<tensor<3xf32>>, tensor<3xf32>) -> ()
    """

    name = "tfc.assign"
    spec = semantics.assign


OPS = (ReadOp, AssignOp)
