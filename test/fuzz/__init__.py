"""Random programs, three ways: eager NumPy, the reference executor and native code must give the same numbers.

`python -m fuzz --help` (with `test` on the path) runs as many as one likes; `test_programs.py` runs a fixed set of seeds.

| file | what |
|---|---|
| `program.py` | what a program is, and its text |
| `expressions.py` | what a line may compute: the rows of the op table, and shapes that the rows do not reach |
| `generation.py` | a program from a seed |
| `running.py` | the ways to run one, how much rounding may change its results, and the comparison |
| `shrinking.py` | a small program that fails in the same way |
| `python_programs.py` | random Python instead: names, containers, exceptions, closures; it runs by itself |
| `found/` | what was found, kept as tests |
"""
