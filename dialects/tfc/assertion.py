"""Checks of values while the program runs."""

from __future__ import annotations

from tfc.dialects.tfc.base import TfcOp
from tfc.dialects.tfc.semantics import assertion as semantics


class AssertOp(TfcOp):
    """Ends the program with an error unless all elements of the condition are true; eager messages show the data.

    tfc.assert %c {message = "x must be positive", code = "TFC204"} : (tensor<4xi1>) -> ()
    """

    name = "tfc.assert"
    spec = semantics.assert_


OPS = (AssertOp,)
