"""Public functions, one module per family of ops."""
