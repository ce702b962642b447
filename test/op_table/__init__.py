"""The op table: a row per op, one module per family. `test_op_table.py` turns rows into tests."""
