"""`convert-tfc-to-linalg`: the tfc dialect becomes linalg, tensor and arith. One module per family of ops."""

from tfc.passes.convert_tfc_to_linalg.conversion import ConvertTfcToLinalgPass

__all__ = ["ConvertTfcToLinalgPass"]
