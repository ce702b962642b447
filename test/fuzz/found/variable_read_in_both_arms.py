"""The gradient of a variable that both arms of a branch read was counted twice."""

import numpy as np
import tfc as tf
from fuzz.program import Input

v0 = tf.Variable(np.array([-1.5, 1.25], np.float32))
INPUTS = [Input("x0", np.array(1.0, np.float32))]


def program(x0):
    with tf.GradientTape() as tape:
        t1 = v0 * 1.0 if x0 > 0 else v0 * 3.0
        t2 = t1 * 2 + v0
        loss = tf.reduce_sum(t2 * t2)
    return (tape.gradient(loss, v0),)
