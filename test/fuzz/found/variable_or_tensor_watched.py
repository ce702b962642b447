"""A tape did not follow a value that is a variable on one path and a tensor on another."""

import numpy as np
import tfc as tf
from fuzz.program import Input

v0 = tf.Variable(np.array([-1.5, 1.25], np.float32))
INPUTS = [Input("x0", np.array(2, np.int32))]


def program(x0):
    t1 = v0
    for _ in tf.range(x0):
        t1 = tf.identity(v0)
    with tf.GradientTape() as tape:
        tape.watch(t1)
        t2 = t1 * tf.identity(t1)
        loss = tf.reduce_sum(t2 * t2)
    return (tape.gradient(loss, t1),)
