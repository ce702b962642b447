This is not MLIR.
