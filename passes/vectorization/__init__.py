"""The parts of `vectorize-outer-loops` and `vectorize-inner-loops`: how values differ between elements, and bodies on vectors."""
