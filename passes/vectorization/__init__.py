"""The parts of `vectorize-outer-loops` and `vectorize-inner-loops`: what a loop's values look like, and its body on vectors."""
