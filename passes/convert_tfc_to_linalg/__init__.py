"""`convert-tfc-to-linalg`: the tfc dialect becomes linalg, tensor and arith. One module per family of ops."""

from .conversion import ConvertTfcToLinalgPass

__all__ = ["ConvertTfcToLinalgPass"]
