"""A constant index in the body of a loop that is vectorised by its outer one ended the compilation."""

import numpy as np
import tfc as tf
from fuzz.program import Input
from numpy import inf

INPUTS = [
    Input("x0", np.zeros((64, 0), np.float32)),
    Input("x1", np.zeros((64, 0), np.float32)),
    Input("t5", np.array(False, np.bool_)),
    Input("t3", np.array([[-inf]], np.float32)),
]


def program(x0, x1, t5, t3):
    if t5:
        t6 = tf.identity(t3)
        with tf.GradientTape() as t9_tape:
            t9_tape.watch(t6)
            t7 = tf.boolean_mask(x1, x1 > 0)
            t8 = tf.identity(t7)
            t9_loss = tf.reduce_sum(t8 * t8)
        t9_tape.gradient(t9_loss, t6, unconnected_gradients="zero")
        t12 = tf.identity(t6)
        t13 = tf.identity(t12)
        t16 = tf.identity(t13)
        t17 = tf.identity(t16)
        t20 = t17
    else:
        t18 = tf.nn.selu(x0)
        t19 = tf.identity(t18)
        t20 = t19
    t22 = tf.identity(t20)
    return (t22,)
