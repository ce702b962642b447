"""The parts of `convert-linalg-to-loops`: the order of loops, nests, and reductions."""
