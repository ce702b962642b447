"""What each op means, in NumPy."""
