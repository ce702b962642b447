"""NumPy's bfloat16 does not sort NaNs last, so eager code gave neither the largest nor NaN."""

import numpy as np
import tfc as tf
from fuzz.program import Input
from numpy import nan

INPUTS = [
    Input(
        "t5",
        np.array(
            [
                [
                    -0.314453125,
                    -0.373046875,
                    -1.53125,
                    -0.54296875,
                    -1.625,
                    -2.0,
                    -0.80078125,
                    2.328125,
                    0.43359375,
                    nan,
                    2.578125,
                    -1.4375,
                    0.828125,
                    2.125,
                    0.2421875,
                    1.0002555517425873e30,
                ]
            ],
            tf.bfloat16.as_numpy_dtype,
        ),
    ),
]


def program(t5):
    t6 = tf.math.top_k(t5, 1)[0]
    return (t6,)
