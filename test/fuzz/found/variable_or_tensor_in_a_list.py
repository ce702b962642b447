"""A value that is a variable on one path and a tensor on another was refused as an item of a list."""

import numpy as np
import tfc as tf
from fuzz.program import Input

v0 = tf.Variable(np.array([-1.5, 1.25], np.float32))
INPUTS = [Input("x0", np.array([0.5, 2.0], np.float32))]


def program(x0):
    t1 = v0 if tf.reduce_sum(x0) > 0.5 else x0 * 2
    v0.assign_add(x0)
    return tf.concat([t1, x0, t1], 0), tf.stack(values=[t1, t1], axis=1)
