"""Names that a loop assigns before it reads them were carried because something before it had read them; tapes cannot be."""

import numpy as np
import tfc as tf
from fuzz.program import Input

INPUTS = [Input("x0", np.array([1.0, 2.0], np.float32)), Input("x1", np.array(3, np.int32))]


def program(x0, x1):
    with tf.GradientTape() as tape:
        tape.watch(x0)
        loss = tf.reduce_sum(x0 * x0)
    t1 = tape.gradient(loss, x0)
    for _ in tf.range(x1):
        with tf.GradientTape() as tape:
            tape.watch(t1)
            loss = tf.reduce_sum(x0 * t1 * t1)
        t1 = tape.gradient(loss, t1)
    return (t1,)
