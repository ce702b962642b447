"""Functions that are much longer than what one writes by hand."""

import runpy

import tfc as tf


def made(folder, text):
    file = folder / "long_program.py"
    file.write_text(text)
    return runpy.run_path(str(file))["f"]


def test_a_chain_of_many_conditions(tmp_path):
    tests = "".join(f"    elif x == {k}:\n        r = {k}.5\n" for k in range(1, 400))
    chain = made(tmp_path, f"def f(x):\n    if x == 0:\n        r = 0.5\n{tests}    return r\n")
    compiled = tf.function(chain)
    for x in (0, 7, 399):
        assert float(compiled(tf.constant(x))) == x + 0.5


def test_many_loops_one_after_the_other(tmp_path):
    loops = "".join(f"    for i{k} in (1, 2):\n        x = x + i{k}\n" for k in range(200))
    compiled = tf.function(made(tmp_path, f"def f(x):\n{loops}    return x\n"))
    assert float(compiled(tf.constant(0.0))) == 600.0


def test_items_of_a_large_dict_outside():
    table = {k: float(k) for k in range(500)}

    @tf.function
    def total(x):
        for k in range(len(table)):
            x = x + table[k]
        return x

    assert float(total(tf.constant(0.0))) == sum(table.values())
