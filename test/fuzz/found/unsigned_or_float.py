"""A number that is unsigned on one path and a float on the other: the scalar that a branch gives has no element type."""

import numpy as np
import tfc as tf
from fuzz.program import Input

INPUTS = [Input("x0", np.array([2.5], np.float32)), Input("x1", np.array(False))]


def program(x0, x1):
    t1 = x0
    if x1:
        t2 = tf.identity(t1)
    else:
        t2 = tf.cast(tf.reshape(t1, []), tf.uint8)
    return (t2,)
