"""MLIR's `memref` dialect: xDSL's, and the ops of MLIR 22 that it lacks, printed in generic form."""

from __future__ import annotations

from xdsl.dialects.builtin import BoolAttr, IndexType, IntegerAttr, MemRefType
from xdsl.dialects.memref import MemRef as _Upstream
from xdsl.ir import Dialect
from xdsl.irdl import (
    IRDLOperation,
    irdl_op_definition,
    operand_def,
    prop_def,
    var_operand_def,
)
from xdsl.utils.exceptions import VerifyException


@irdl_op_definition
class PrefetchOp(IRDLOperation):
    """Ask for a cache line that will be wanted soon. Locality: 0, not again, to 3, keep it close.

    Example:
        "memref.prefetch"(%m, %i) <{isWrite = true, localityHint = 3 : i32, isDataCache = true}> : (memref<?xf32>, index) -> ()
    """

    name = "memref.prefetch"
    memref = operand_def(MemRefType)
    indices = var_operand_def(IndexType)
    is_write = prop_def(BoolAttr, prop_name="isWrite")
    locality_hint = prop_def(IntegerAttr, prop_name="localityHint")
    is_data_cache = prop_def(BoolAttr, prop_name="isDataCache")

    def verify_(self) -> None:
        kind = self.memref.type
        if isinstance(kind, MemRefType) and len(self.indices) != kind.get_num_dims():
            raise VerifyException("must have an index for each dimension")
        if not 0 <= self.locality_hint.value.data <= 3:
            raise VerifyException("localityHint must be 0 to 3")


MemRef = Dialect("memref", [*_Upstream.operations, PrefetchOp], [*_Upstream.attributes])
"""The dialect, for contexts."""
